"""A sealed stream: every size comes back, and no chunk moves, goes or comes."""

import io

import pytest

from hub.errors import Tampered
from hub.seal import new_key
from hub.streams import CHUNK, TAG, SealedWriter, opened

KEY, HEAD = bytes(range(32)), b"heading\n"
PART = CHUNK + TAG


def sealed(plain, key=KEY, head=HEAD, step=700_001):
    file = io.BytesIO()
    writer = SealedWriter(file, key, head)
    for at in range(0, len(plain), step):
        writer.write(plain[at : at + step])
    writer.finish()
    return file.getvalue()


def read(content, key=KEY, head=HEAD):
    return opened(io.BytesIO(content), key, head).read()


def content_of(size):
    return bytes(number % 251 for number in range(1000)) * (size // 1000 + 1)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_every_size_comes_back(size):
    plain = content_of(size)[:size]
    assert read(sealed(plain)) == plain
    assert len(sealed(plain)) == size + TAG * max(1, -(-size // CHUNK))


@pytest.fixture(scope="module")
def parts():
    whole = sealed(content_of(3 * CHUNK)[: 3 * CHUNK + 100])
    return [whole[at : at + PART] for at in range(0, len(whole), PART)]


@pytest.mark.parametrize(
    "order",
    [
        (1, 0, 2, 3),
        (0, 2, 1, 3),
        (0, 1, 3),
        (0, 1, 2),
        (1, 2, 3),
        (0, 0, 1, 2, 3),
        (0, 1, 2, 3, 3),
        (3,),
        (0, 1, 2, 3, 0),
    ],
)
def test_chunks_stay_where_they_are_and_all_of_them(parts, order):
    assert len(parts) == 4
    with pytest.raises(Tampered):
        read(b"".join(parts[number] for number in order))


def test_a_chunk_of_another_stream_does_not_fit(parts):
    other = sealed(content_of(3 * CHUNK)[: 3 * CHUNK + 100], key=new_key())
    with pytest.raises(Tampered):
        read(parts[0] + other[PART : 2 * PART] + parts[2] + parts[3])


def test_key_heading_and_every_end_are_bound(parts):
    whole = b"".join(parts)
    assert len(read(whole)) == 3 * CHUNK + 100
    for key, head in ((new_key(), HEAD), (KEY, b"Heading\n")):
        with pytest.raises(Tampered, match="part 1"):
            read(whole, key, head)
    for end in (0, 1, TAG, PART, len(whole) - 1):
        with pytest.raises(Tampered):
            read(whole[:end])
    with pytest.raises(Tampered):
        read(whole + b"\0")


def test_every_bit_of_a_short_stream_counts():
    whole = sealed(b"short")
    for at in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(Tampered):
            read(bytes(flipped))
