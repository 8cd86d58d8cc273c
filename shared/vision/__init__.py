"""What the models see in a photo: sessions on onnxruntime and the observation they make."""
