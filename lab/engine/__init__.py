"""Where steps run: one protocol, with Docker, Podman and this host's own interpreters behind it."""
