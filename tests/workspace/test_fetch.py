"""Images by address: public hosts only, every hop checked, nothing endless."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xvlab.errors import InvalidInputError
from xvlab.workspace.fetch import fetch_url, is_public


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.hits.append((self.path, self.headers["Host"]))
        if self.path.startswith("/redirect/"):
            left = int(self.path.rpartition("/")[2])
            self.answer(302, location="/image" if left == 1 else f"/redirect/{left - 1}")
        elif self.path.startswith("/to?"):
            self.answer(302, location=self.path[4:])
        elif self.path == "/image":
            self.answer(200, b"bytes of an image")
        elif self.path == "/endless":
            self.answer(200, b"x" * 200_000)
        else:
            self.answer(404)

    def answer(self, status, body=b"", location=None):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.hits = []
        thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
        thread.start()
        httpd.base = f"http://127.0.0.1:{httpd.server_port}"
        httpd.allowed = (f"127.0.0.1:{httpd.server_port}",)
        yield httpd
        httpd.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("gopher://127.0.0.1/", id="gopher"),
        pytest.param("http://", id="no host"),
        pytest.param("http://{address}/image", id="literal"),
        pytest.param("http://2130706433:{port}/image", id="decimal"),
        pytest.param("http://0177.0.0.1:{port}/image", id="octal"),
        pytest.param("http://127.1:{port}/image", id="short"),
        pytest.param("http://0.0.0.0:{port}/image", id="any"),
        pytest.param("http://[::1]:{port}/image", id="v6 loopback"),
        pytest.param("http://[::ffff:127.0.0.1]:{port}/image", id="v4 mapped"),
        pytest.param("http://localhost:{port}/image", id="name"),
        pytest.param("http://user@{address}/image", id="user name"),
        pytest.param("http://169.254.169.254/latest/meta-data/", id="cloud meta data"),
        pytest.param("http://[64:ff9b::7f00:1]:{port}/image", id="NAT64"),
        pytest.param("http://127.0.0.1:99999/", id="no port"),
        pytest.param("http://[::1/", id="broken"),
        pytest.param("//127.0.0.1/image", id="no scheme"),
    ],
)
def test_private_addresses_are_never_asked(server, url):
    url = url.format(address=server.base.removeprefix("http://"), port=server.server_port)
    with pytest.raises(InvalidInputError) as caught:
        fetch_url(url, max_bytes=1000, timeout_seconds=5, field="records.0._url")
    assert caught.value.field == "records.0._url"
    assert server.hits == []


def test_allowed_host_is_fetched(server):
    assert fetch_url(f"{server.base}/image", allowed_hosts=server.allowed, max_bytes=1000) == b"bytes of an image"


def test_connection_goes_to_the_checked_address_under_the_asked_name(server):
    asked = []

    def resolver(host, port):
        asked.append((host, port))
        return ["127.0.0.1"]

    url = f"http://pictures.example:{server.server_port}/image"
    allowed = ("pictures.example",)
    assert fetch_url(url, allowed_hosts=allowed, max_bytes=1000, resolver=resolver) == b"bytes of an image"
    assert asked == [("pictures.example", server.server_port)]
    assert server.hits == [("/image", f"pictures.example:{server.server_port}")]


def test_a_name_with_one_private_address_is_refused(server):
    def resolver(host, port):
        return ["93.184.216.34", "127.0.0.1"]

    with pytest.raises(InvalidInputError, match="private network"):
        fetch_url(f"http://rebinding.example:{server.server_port}/image", max_bytes=1000, resolver=resolver)
    assert server.hits == []


def test_three_redirects_are_followed_and_not_more(server):
    assert fetch_url(f"{server.base}/redirect/3", allowed_hosts=server.allowed, max_bytes=1000) == b"bytes of an image"
    with pytest.raises(InvalidInputError, match="redirects"):
        fetch_url(f"{server.base}/redirect/4", allowed_hosts=server.allowed, max_bytes=1000)


@pytest.mark.parametrize("target", ["http://localhost:1/", "file:///etc/passwd", "http://10.0.0.1/"])
def test_every_redirect_is_checked_again(server, target):
    with pytest.raises(InvalidInputError, match="not fetched"):
        fetch_url(f"{server.base}/to?{target}", allowed_hosts=server.allowed, max_bytes=1000)


@pytest.mark.parametrize(
    ("path", "match"),
    [
        pytest.param("/endless", "more than 1000 bytes", id="too large"),
        pytest.param("/nothing", "status 404", id="not there"),
    ],
)
def test_unusable_answers_are_refused(server, path, match):
    with pytest.raises(InvalidInputError, match=match):
        fetch_url(f"{server.base}{path}", allowed_hosts=server.allowed, max_bytes=1000)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("8.8.8.8", True, id="public"),
        pytest.param("2606:4700::1111", True, id="public v6"),
        pytest.param("10.1.2.3", False, id="private"),
        pytest.param("100.64.0.1", False, id="carrier NAT"),
        pytest.param("192.88.99.1", False, id="6to4 relay"),
        pytest.param("224.0.0.1", False, id="multicast"),
        pytest.param("::ffff:8.8.8.8", False, id="v4 mapped"),
        pytest.param("2002:7f00:1::", False, id="6to4"),
        pytest.param("64:ff9b::808:808", False, id="NAT64"),
        pytest.param("fe80::1%eth0", False, id="link local"),
        pytest.param("nonsense", False, id="no address"),
    ],
)
def test_public_addresses(address, expected):
    assert is_public(address) is expected


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=6, network="fc00::/7"))
def test_no_private_address_is_public(address):
    assert not is_public(str(address))
