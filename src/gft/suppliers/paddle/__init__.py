"""PaddleNLP: its models and data sets, without Paddle."""
