"""Free ports, and who has one that is taken."""

from __future__ import annotations

import socket

import pytest

from tests.packaging.yards import unused_port
from workbench.base.errors import InputError
from workbench.packaging.containers import Settings
from workbench.packaging.ports import check_port, free_port, is_free


def test_the_next_port_is_taken_where_somebody_listens() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        assert not is_free(Settings(port))
        assert free_port(port) > port


def test_who_listens_to_every_address_has_the_port() -> None:
    with socket.socket() as listening:
        listening.bind(("0.0.0.0", 0))
        listening.listen()
        assert not is_free(Settings(listening.getsockname()[1]))


def test_a_port_that_nobody_has_is_free() -> None:
    assert is_free(Settings(unused_port())) and is_free(Settings(unused_port(), public=True))


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(InputError, match="is no port"):
        check_port(port)
