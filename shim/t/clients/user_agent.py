#!/usr/bin/env python3
"""user_agent.py: a person with a browser that has no JavaScript: logs in where asked, and decides.

usage: user_agent.py URL USERNAME PASSWORD [approve|deny]; else the variable DECISION says what, else approve
The variable COOKIES names a file that keeps the browser's cookies for the next time.

Follows redirects within the server of URL and prints the address that leads away from it, or
else the text of the page it ends on.
SPDX-License-Identifier: PostgreSQL
"""
import html.parser
import http.cookiejar
import os
import sys
import urllib.parse

import requests


class Forms(html.parser.HTMLParser):
    """The forms of a page with their fields and buttons, and its visible text."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.text, self.element = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs, self.element = dict(attrs), tag
        if tag == "form":
            self.forms.append({"action": attrs.get("action", ""), "method": attrs.get("method", "get"),
                               "fields": {}, "buttons": []})
        elif tag == "input" and self.forms and attrs.get("name"):
            self.forms[-1]["fields"][attrs["name"]] = attrs.get("value", "")
        elif tag == "button" and self.forms and attrs.get("name"):
            self.forms[-1]["buttons"].append((attrs["name"], attrs.get("value", "")))

    def handle_endtag(self, tag):
        self.element = None

    def handle_data(self, data):
        if data.strip() and self.element not in ("style", "title"):
            self.text.append(data.strip())


def fill(form, username, password, decision):
    fields = dict(form["fields"])
    if "password" in fields:
        fields.update(username=username, password=password)
    for name, value in form["buttons"]:
        if value == decision:
            fields[name] = value
    return fields


def wanted(forms, decision):
    """The form to log in with, the one with a device's code, or the one that has the button of the decision."""
    for form in forms:
        if {"password", "user_code"} & form["fields"].keys() or any(value == decision for _, value in form["buttons"]):
            return form
    return None


def browse(url, username, password, decision=None):
    decision = decision or os.environ.get("DECISION", "approve")
    session = requests.Session()
    session.trust_env = False
    if os.environ.get("COOKIES"):
        session.cookies = http.cookiejar.LWPCookieJar(os.environ["COOKIES"])
        if os.path.exists(os.environ["COOKIES"]):
            session.cookies.load(ignore_discard=True)
    try:
        return follow(session, url, username, password, decision)
    finally:
        if os.environ.get("COOKIES"):
            session.cookies.save(ignore_discard=True)


def follow(session, url, username, password, decision):
    home = urllib.parse.urlsplit(url).netloc
    answer = session.get(url, allow_redirects=False)
    for _ in range(20):
        if answer.is_redirect:
            url = urllib.parse.urljoin(answer.url, answer.headers["Location"])
            if urllib.parse.urlsplit(url).netloc != home:
                return url
            answer = session.get(url, allow_redirects=False)
            continue
        page = Forms(answer.text)
        form = wanted(page.forms, decision)
        if form is None:
            return " ".join(page.text)
        answer = session.post(urllib.parse.urljoin(answer.url, form["action"]), allow_redirects=False,
                              data=fill(form, username, password, decision),
                              headers={"Origin": f"{urllib.parse.urlsplit(url).scheme}://{home}"})
    raise SystemExit("the pages lead in a circle")


if __name__ == "__main__":
    print(browse(*sys.argv[1:]))
