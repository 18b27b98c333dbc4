"""Parts of a saved model as models of their own, made of its files alone: no Paddle, and no release that can open them."""
