from service.store.embedded.account import EmbeddedError
from service.store.embedded.sharing import available, default_data_dir, embedded_binaries, running

__all__ = ["EmbeddedError", "available", "default_data_dir", "embedded_binaries", "running"]
