#!/usr/bin/env python3
"""user_agent.py: a person with a browser that has no JavaScript: logs in where asked, and decides.

usage: user_agent.py URL USERNAME PASSWORD [approve|deny|logout]; else the variable DECISION says what, else approve
The variable COOKIES names a file that keeps the browser's cookies for the next time, and SEEN one that gets a line for
each page: login, or what was decided there. WAY names one that says form if a form leads away, CA
one with the authority of the server's certificate. With POST=1 the parameters of URL are sent as a form.

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
        if decision == "logout" and "token" in form["fields"] and not form["buttons"]:
            return form
        if {"password", "user_code"} & form["fields"].keys() or any(value == decision for _, value in form["buttons"]):
            return form
    return None


def browse(url, username, password, decision=None):
    decision = decision or os.environ.get("DECISION", "approve")
    session = requests.Session()
    session.trust_env = False
    session.verify = os.environ.get("CA", True)
    if os.environ.get("COOKIES"):
        session.cookies = http.cookiejar.LWPCookieJar(os.environ["COOKIES"])
        if os.path.exists(os.environ["COOKIES"]):
            session.cookies.load(ignore_discard=True)
    try:
        return follow(session, url, username, password, decision)
    finally:
        if os.environ.get("COOKIES"):
            session.cookies.save(ignore_discard=True)


def note(line):
    if os.environ.get("SEEN"):
        with open(os.environ["SEEN"], "a") as seen:
            seen.write(line + "\n")


def note_form():
    if os.environ.get("WAY"):
        with open(os.environ["WAY"], "w") as way:
            way.write("form\n")


def first(session, url):
    if not os.environ.get("POST"):
        return session.get(url, allow_redirects=False)
    path, _, query = url.partition("?")
    return session.post(path, allow_redirects=False, data=dict(urllib.parse.parse_qsl(query)))


def leads_away(forms, home):
    """The address of a form that goes to the client (OAuth 2.0 Form Post Response Mode), with its fields."""
    for form in forms:
        if urllib.parse.urlsplit(form["action"]).netloc not in ("", home) and form["method"].lower() == "post":
            note_form()
            return form["action"] + "?" + urllib.parse.urlencode(form["fields"])
    return None


def follow(session, url, username, password, decision):
    home = urllib.parse.urlsplit(url).netloc
    answer = first(session, url)
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
            return leads_away(page.forms, home) or " ".join(page.text)
        note("login" if "password" in form["fields"] else decision)
        answer = session.post(urllib.parse.urljoin(answer.url, form["action"]), allow_redirects=False,
                              data=fill(form, username, password, decision),
                              headers={"Origin": f"{urllib.parse.urlsplit(url).scheme}://{home}"})
    raise SystemExit("the pages lead in a circle")


if __name__ == "__main__":
    print(browse(*sys.argv[1:]))
