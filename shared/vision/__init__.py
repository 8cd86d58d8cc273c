"""What the models see in a photo: sessions on onnxruntime and the observation they make."""

import os

# Without it onnxruntime, once imported, sends usage data to Microsoft and keeps a device id.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
