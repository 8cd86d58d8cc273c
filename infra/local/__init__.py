"""The embedded cloud: S3, EventBridge, SQS, Lambda, Step Functions and CloudFormation on 127.0.0.1."""
