import os

full_version = os.environ.get("TOY_PADDLE_VERSION", "3.0.0")
commit = "0" * 40
