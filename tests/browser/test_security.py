from __future__ import annotations

import time

from browser.product import Product, Sight


def test_whoever_is_not_signed_in_sees_the_sign_in_page_only(product: Product, sight: Sight) -> None:
    sight.expected_failures = ("401 (Unauthorized)",)
    sight.page.goto(product.page("annotate"))
    assert "/login?next=" in sight.page.url
    sight.shoot("sign_in")
    sight.page.fill("[name=name]", "annotator")
    sight.page.fill("[name=password]", "not the password")
    sight.page.click("button[type=submit]")
    assert "wrong" in sight.page.inner_text("[role=alert]")
    assert sight.page.query_selector(".xv-header") is None


def test_a_sign_in_link_opens_the_home_page_without_its_token(product: Product, sight: Sight) -> None:
    with product.open_home() as home:
        token = home.accounts.create_token("annotator", name="sign-in link", expires_in_seconds=60)
    sight.enter(f"{product.pages}?token={token}")
    assert sight.page.url == product.page("home")
    assert sight.page.inner_text("#xv-user-name") == "annotator"


def test_closing_the_tab_ends_the_kernel_and_signing_out_ends_the_session(product: Product, sight: Sight) -> None:
    sight.enter(product.page("home"))
    kernel = sight.page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    other = sight.page.context.new_page()
    assert other.goto(f"{product.pages}api/kernels/{kernel}").status == 200
    sight.page.close(run_before_unload=True)
    deadline = time.monotonic() + 20
    while other.goto(f"{product.pages}api/kernels/{kernel}").status == 200 and time.monotonic() < deadline:
        time.sleep(0.3)
    assert other.goto(f"{product.pages}api/kernels/{kernel}").status == 404
    other.goto(product.page("home"))
    other.wait_for_selector("#xv-user:not([hidden])")
    other.click("#xv-sign-out button")
    other.wait_for_url("**/login")
    other.goto(product.page("home"))
    assert "/login" in other.url
