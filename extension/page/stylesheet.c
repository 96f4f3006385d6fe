/*
 * stylesheet.c
 *		The stylesheet of the pages, unless the application sets its own with oauth_set_page().
 *
 * The contrast of text to its background is at least 4.5, that of controls at least 3, in the light
 * and the dark scheme (WCAG 2.2, 1.4.3 and 1.4.11); the focused element has a ring; no control is
 * lower than a finger, and no page is wider than a phone.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const char	oauth_stylesheet[] =

/* colours */
":root{color-scheme:light dark;--ink:#171a21;--soft:#545c6b;--paper:#fff;--ground:#f1f3f7;"
"--edge:#e2e6ed;--line:#858d9b;--accent:#3949ab;--press:#2c3990;--on:#fff;--mark:#e8eaf6;"
"--bad:#a3180f;--bad-ground:#fdecea;--good:#17603a;--good-ground:#e6f4ea}\n"
"@media(prefers-color-scheme:dark){:root{--ink:#e9ebf0;--soft:#aeb5c2;--paper:#1a1d24;"
"--ground:#0f1115;--edge:#2b303a;--line:#7d8696;--accent:#aab6ff;--press:#c3ccff;--on:#171c3a;"
"--mark:#2a3054;--bad:#ffb4ab;--bad-ground:#3d1d1b;--good:#8fd9ac;--good-ground:#16301f}}\n"

/* the page */
"*{box-sizing:border-box}\n"
"body{margin:0;padding:1rem;background:var(--ground);color:var(--ink);"
"font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
"main{max-width:26.5rem;margin:8vh auto 2rem;padding:2rem;background:var(--paper);"
"border:1px solid var(--edge);border-radius:1rem;"
"box-shadow:0 1px 2px rgba(0,0,0,.06),0 12px 32px -12px rgba(0,0,0,.16)}\n"
"@media(max-width:32rem){body{padding:.75rem}main{margin-top:.5rem;padding:1.5rem 1.25rem}}\n"

/* words */
".brand{margin:0 0 1.25rem;color:var(--soft);font-size:.9375rem;font-weight:600}\n"
"h1{margin:0 0 1.25rem;font-size:1.625rem;line-height:1.2;font-weight:700;"
"letter-spacing:-.015em}\n"
"h2{margin:2rem 0 .75rem;padding-top:1.5rem;border-top:1px solid var(--edge);font-size:1.0625rem;"
"line-height:1.3}\n"
"p{margin:.75rem 0}\n"
"a{color:var(--accent);text-underline-offset:.15em}\n"
".who, .when, .hint{color:var(--soft);font-size:.9375rem}\n"
".who strong{color:var(--ink)}\n"
".when{display:block;font-size:.875rem}\n"
"time{white-space:nowrap}\n"
".hint{margin:.375rem 0 0;font-size:.875rem}\n"
".foot{margin:1.5rem 0 0;padding-top:1.25rem;border-top:1px solid var(--edge)}\n"
".bad, .good{margin:0 0 1.25rem;padding:.75rem 1rem;border-inline-start:4px solid;"
"border-radius:.5rem;font-weight:500}\n"
".bad{color:var(--bad);background:var(--bad-ground)}\n"
".good{color:var(--good);background:var(--good-ground)}\n"
".code{margin:1.25rem 0 .5rem;padding:1rem .5rem;border:1px dashed var(--line);"
"border-radius:.75rem;text-align:center;font:600 1.75rem/1.3 ui-monospace,monospace;"
"letter-spacing:.08em}\n"

/* an application, shown by the first letter of its name */
".app{display:flex;gap:.875rem;align-items:center}\n"
".app p, .app form{margin:0}\n"
".app>p{flex:1 1 9rem;min-width:0}\n"
".mark{flex:none;width:2.75rem;height:2.75rem;border-radius:.75rem;background:var(--mark);"
"color:var(--accent);font-size:1.25rem;font-weight:700;line-height:2.75rem;text-align:center;"
"text-transform:uppercase;overflow:hidden}\n"
".scopes{margin:1.25rem 0;padding-block:.75rem;padding-inline:2.25rem 1rem;"
"background:var(--ground);border-radius:.75rem}\n"
".scopes li{margin:.25rem 0;padding-inline-start:.25rem}\n"
".scopes li::marker{content:\"\\2713\\00a0\";color:var(--accent);font-weight:700}\n"
".detail{margin:1.25rem 0;padding:.75rem 1rem;border:1px solid var(--edge);"
"border-radius:.75rem}\n"
".detail h2{margin:0 0 .5rem;padding:0;border:0;font-size:1rem}\n"
".detail dl, .detail ul{margin:0;padding:0;list-style:none}\n"
".detail dl{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:.25rem .75rem}\n"
".detail dl dl{display:block;padding-inline-start:.75rem;"
"border-inline-start:2px solid var(--edge)}\n"
".detail dt{color:var(--soft);font-size:.9375rem}\n"
".detail dd{margin:0;min-width:0}\n"
".links{font-size:.875rem}\n"
".links a{display:inline-block;margin-inline-end:.75rem;color:inherit}\n"
".apps{margin:0;padding:0;list-style:none}\n"
".apps>li{display:grid;grid-template-columns:auto 1fr;gap:.625rem .875rem;padding:.875rem 0}\n"
".apps form{grid-column:2;justify-self:start}\n"
"@media(min-width:36rem){main:has(.apps){max-width:33rem}.apps>li{"
"grid-template-columns:auto 1fr auto}.apps form{grid-column:3}}\n"
".apps .scopes{grid-column:1/-1;margin:0;font-size:.9375rem}\n"
".logins{margin:0;padding:0;list-style:none}\n"
".logins li{padding:.625rem 0}\n"
".logins li+li{border-top:1px solid var(--edge)}\n"
".logins em{margin-inline-start:.5rem;padding:.125rem .5rem;border-radius:.5rem;"
"background:var(--mark);color:var(--accent);font-style:normal;font-size:.8125rem;"
"font-weight:600}\n"
".apps>li+li{border-top:1px solid var(--edge)}\n"

/* forms */
".qr{display:block;width:14rem;max-width:100%;margin:1.25rem auto;border-radius:.5rem}\n"
".key, .codes{font:600 1rem/1.6 ui-monospace,monospace;letter-spacing:.04em}\n"
".key{text-align:center}\n"
".codes{margin:1.25rem 0;padding:1rem;background:var(--ground);border-radius:.75rem;"
"list-style:none;text-align:center}\n"
"label{display:block;margin:1.125rem 0 .375rem;font-weight:600}\n"
"input{width:100%;min-height:2.875rem;padding:.5rem .875rem;font:inherit;color:inherit;"
"background:transparent;border:1px solid var(--line);border-radius:.625rem}\n"
"#user_code{font:600 1.25rem ui-monospace,monospace;letter-spacing:.08em;"
"text-transform:uppercase}\n"
"button, .button{display:block;width:100%;min-height:2.875rem;margin-top:1.5rem;"
"padding:.625rem 1rem;font:inherit;font-weight:600;line-height:1.5;text-align:center;"
"text-decoration:none;color:var(--on);background:var(--accent);border:1px solid var(--accent);"
"border-radius:.625rem;cursor:pointer}\n"
"button:hover, .button:hover{background:var(--press);border-color:var(--press)}\n"
".plain{color:var(--accent);background:transparent}\n"
".plain:hover{color:var(--on)}\n"
".choice{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}\n"
".choice button{flex:1 1 8.5rem;margin:0}\n"
".apps button{margin:0;padding:.375rem .875rem;font-size:.9375rem}\n"
".leave{margin-top:2rem;padding-top:.25rem;border-top:1px solid var(--edge)}\n"
":focus-visible{outline:3px solid var(--accent);outline-offset:2px}\n";
