"""Pictures of people (API reference, User avatars)."""

from __future__ import annotations

PNG = b"\x89PNG\r\n\x1a\n a picture"
PATH = "/2.0/users/300/avatar"


def test_picture_comes_and_goes(small, admin, connect, sign_in):
    def send(content):
        form = (
            b'--b\r\nContent-Disposition: form-data; name="pic"; filename="a.png"\r\n\r\n'
            + content
            + b"\r\n--b--\r\n"
        )
        return admin.raw("POST", PATH, form, Content_Type="multipart/form-data; boundary=b")

    assert admin("GET", PATH).status == 404
    made = send(PNG)
    assert (made.status, set(made.json["pic_urls"])) == (201, {"small", "large", "preview"})
    assert send(b"\xff\xd8\xff\xe0 another").status == 200
    seen = admin("GET", PATH)
    assert (seen.header("content-type"), seen.body) == ("image/jpeg", b"\xff\xd8\xff\xe0 another")
    assert [send(b"text").status, send(PNG + bytes(1024 * 1024)).status] == [400, 400]
    assert connect(small, sign_in(small, "300"))("GET", PATH).status == 200
    assert connect(small, sign_in(small, "400"))("GET", PATH).status == 403
    assert [admin("DELETE", PATH).status, admin("DELETE", PATH).status] == [204, 404]
