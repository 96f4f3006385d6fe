// set_cookies.mjs: the Set-Cookie lines of an answer.  Debian 12's Node.js has no getSetCookie().
// SPDX-License-Identifier: PostgreSQL

export const setCookies = (headers) =>
	headers.getSetCookie?.() ?? (headers.get('Set-Cookie') ?? '').split(/, (?=[^;,=\s]+=)/).filter(Boolean);
