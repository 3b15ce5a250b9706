"""Tokens at rest: what the vault promises."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from engine.model.errors import BadSetting
from engine.store.vault import Vault

TOKEN = "MTA0.GhX1kq.a-token-that-nobody-may-see"


@pytest.fixture
def vault():
    return Vault(Fernet.generate_key())


@pytest.mark.parametrize("plain", ["", TOKEN, "ünïcode 🦊", "x" * 10_000])
def test_what_was_sealed_is_unsealed_as_it_was(vault, plain):
    assert vault.unseal(vault.seal(plain)) == plain


def test_sealing_twice_gives_two_texts_that_show_nothing(vault):
    first, second = vault.seal(TOKEN), vault.seal(TOKEN)
    assert first != second
    assert all(TOKEN[at : at + 12] not in first for at in range(len(TOKEN) - 11))


def test_a_key_is_taken_as_text_or_bytes_with_or_without_a_line_end():
    key = Fernet.generate_key()
    sealed = Vault(key).seal(TOKEN)
    assert Vault(key.decode() + "\n").unseal(sealed) == TOKEN


def test_another_key_is_named_as_the_setting_and_never_shown(vault):
    sealed = vault.seal(TOKEN)
    other = Fernet.generate_key().decode()
    with pytest.raises(BadSetting, match="EASEL_SECRET_KEY") as caught:
        Vault(other).unseal(sealed)
    assert other not in str(caught.value)
    assert sealed not in str(caught.value)


@pytest.mark.parametrize("sealed", ["", "no seal", "ünïcode"])
def test_what_nobody_sealed_is_refused(vault, sealed):
    with pytest.raises(BadSetting):
        vault.unseal(sealed)


@pytest.mark.parametrize("key", ["", "short", "x" * 44, "ünïcode"])
def test_a_text_that_is_no_key_stops_the_start_without_being_shown(key):
    with pytest.raises(BadSetting, match="EASEL_SECRET_KEY") as caught:
        Vault(key)
    assert not key or key not in str(caught.value)


def test_the_key_file_is_made_on_the_first_start_and_used_on_the_next(tmp_path):
    path = tmp_path / "new" / "folder" / "secret.key"
    sealed = Vault.of_file(path).seal(TOKEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]
    assert Vault.of_file(path).unseal(sealed) == TOKEN


def test_many_first_starts_at_once_agree_on_one_key(tmp_path):
    path = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault.of_file(path), range(32)))
    sealed = vaults[0].seal(TOKEN)
    assert {vault.unseal(sealed) for vault in vaults} == {TOKEN}


def test_a_damaged_key_file_is_named_and_left_as_it_is(tmp_path):
    path = tmp_path / "secret.key"
    path.write_text("damaged")
    with pytest.raises(BadSetting, match="EASEL_SECRET_KEY_FILE"):
        Vault.of_file(path)
    assert path.read_text() == "damaged"


def test_an_empty_key_file_is_never_filled_with_a_new_key(tmp_path):
    path = tmp_path / "secret.key"
    path.touch()
    with pytest.raises(BadSetting, match="EASEL_SECRET_KEY_FILE"):
        Vault.of_file(path)


def test_a_key_file_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="EASEL_SECRET_KEY_FILE"):
        Vault.of_file(tmp_path / "file" / "secret.key")


def test_the_key_is_in_no_repr(vault):
    assert "_fernet" not in repr(vault)
