"""How tokens are kept unreadable at rest: Fernet, with a key from the settings or from a file that only we can read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from engine.model.errors import BadSetting

_KEY = "EASEL_SECRET_KEY"
_KEY_FILE = "EASEL_SECRET_KEY_FILE"
_HIDDEN = "(not shown)"
_ALLOWED = "a Fernet key: 32 random bytes as URL-safe base64, 44 characters"


class Vault:
    """ports.Secrets with one key. Neither the key nor what it seals is ever part of a message or a repr."""

    def __init__(self, key: str | bytes) -> None:
        """Take a key as it is given.

        Raises:
            BadSetting: it is no Fernet key.
        """
        try:
            self._fernet = Fernet(key.strip())
        except ValueError:
            raise BadSetting(_KEY, _HIDDEN, _ALLOWED) from None

    @classmethod
    def of_file(cls, path: Path) -> Vault:
        """The key in a file; on the first start the file is made, with mode 0600.

        Raises:
            BadSetting: the file cannot be read or made, or holds no key.
        """
        try:
            return cls(_kept(path))
        except OSError as error:
            raise BadSetting(_KEY_FILE, str(path), f"a file that can be read and made ({error.strerror})") from error
        except BadSetting:
            raise BadSetting(_KEY_FILE, str(path), f"a file with {_ALLOWED}") from None

    def seal(self, plain: str) -> str:
        """Encrypt; the result is text and differs at each call."""
        return self._fernet.encrypt(plain.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Decrypt what `seal` made.

        Raises:
            BadSetting: the key is not the one it was sealed with.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise BadSetting(_KEY, _HIDDEN, "the key that the linked accounts were stored with") from None


def _kept(path: Path) -> str:
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii", errors="replace")


def _make(path: Path) -> None:
    """Make the key file whole or not at all; of two starts at once both take the key of the one that was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            # unlike a rename, a link never replaces the key that another start has made meanwhile
            os.link(draft, path)
    finally:
        draft.unlink()
    _keep_entry(path.parent)


def _keep_entry(folder: Path) -> None:
    """Make the new name survive a power cut: without the key every linked account would be lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
