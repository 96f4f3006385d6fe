// browser_tests.mjs: people in a browser, on every page, with JavaScript and without it.
// usage: browser_tests.mjs with|without [SUITE...]
// Prints a line of JSON for each thing that was looked at: {"name": "...", "ok": true}.
// SPDX-License-Identifier: PostgreSQL
import { isDeepStrictEqual, promisify } from 'node:util';
import { OAuth } from 'oauth';
import { application, authorize, codeOf, isAccepted, launch, logIn, OAUTH_URL, post, press, proxy, redeem } from './browser.mjs';
import { focused, inspect } from './browser_inspection.mjs';

// ALBUM and PRINTER are confidential clients, POCKET a public one, HOSTILE has markup in its name, DEVICE, OAUTH1: id and secret
const clients = JSON.parse(process.env.CLIENTS);
const alice = ['alice', 'wonderland'];
const bob = ['bob', 'sesame street'];
const markup = ['<img src=x onerror=alert(1)>', 'sesame street'];

const javaScript = process.argv[2] === 'with';
const browser = await launch();
const app = await application({}, process.env.APP_PORT);
// the application is at another port, which browsers count as the same site; by the other name it is not
const abroad = app.url.replace('127.0.0.1', 'localhost');
let name;

const report = (what, ok, detail) =>
	console.log(JSON.stringify({ name: `${javaScript ? 'with' : 'without'} JavaScript, ${name}: ${what}`, ok: Boolean(ok), detail }));
const is = (got, wanted, what) => report(what, isDeepStrictEqual(got, wanted), { got, wanted });
const like = (got, pattern, what) => report(what, pattern.test(got ?? ''), { got, pattern: String(pattern) });

const title = (page) => page.getByRole('heading', { level: 1 }).textContent();
const text = (page) => page.locator('main').innerText();
// A page is loaded a moment before the browser moves the focus to the field that asks for it.
const hasFocus = (page, field) => page.locator(`[name=${field}]:focus`).waitFor();
// Where somebody ends: the page of the server, or the application.
const atApplication = (page) => page.waitForURL((url) => url.href.startsWith(app.url));
const see = async (page, wanted, what) => {
	is(await title(page), wanted, what);
	is(await inspect(page, javaScript), [], `${what}, and can be read by everybody`);
};

// Steps in a browser of its own, which asks for nothing from elsewhere and finds nothing to complain of.
const scenario = async (title, steps, { expected = /the server responded with a status of 4\d\d/, home = OAUTH_URL, ...options } = {}) => {
	const context = await browser.newContext({ javaScriptEnabled: javaScript, locale: 'en-GB', reducedMotion: 'reduce', ...options });
	const elsewhere = [];
	const complaints = [];
	name = title;
	context.setDefaultTimeout(10_000);
	context.on('request', (request) => {
		if (![home, app.url, abroad, 'data:'].some((ours) => request.url().startsWith(ours))) elsewhere.push(request.url());
	});
	context.on('console', (message) => {
		// that a page has a status of 4xx is not for the console to say
		if (message.type() === 'error' && !expected.test(message.text())) complaints.push(message.text());
	});
	context.on('weberror', (error) => complaints.push(String(error.error())));
	context.on('dialog', (dialog) => { complaints.push(dialog.message()); dialog.dismiss(); });
	try {
		await steps(await context.newPage(), context);
	} catch (error) {
		report('to its end', false, error.stack);
	}
	is([elsewhere, complaints], [[], []], 'nothing from elsewhere, and no complaints');
	await context.close();
};

const logInAt = async (page, url, who = alice) => {
	await page.goto(url);
	await logIn(page, ...who);
};

async function loginAndConsent() {
	await scenario('logging in and deciding', async (page, context) => {
		await page.goto(authorize(clients.ALBUM, app, { state: 'first' }));
		await see(page, 'Log in', 'whoever is not logged in is asked to');
		await hasFocus(page, 'username');
		report('and can type at once', true);
		await logIn(page, 'alice', 'wrong');
		await see(page, 'Log in', 'a wrong password');
		like(await page.getByRole('alert').textContent(), /wrong/, 'is said to be wrong');
		is(await page.getByLabel('Username').inputValue(), 'alice', 'the name is still there');
		await hasFocus(page, 'password');
		report('and the password is next', true);
		await page.getByLabel('Password').fill(alice[1]);
		await press(page, 'Log in');
		await see(page, 'Allow access?', 'the right one leads to the question');
		like(await text(page), /Album[\s\S]*Read your data[\s\S]*127\.0\.0\.1[\s\S]*alice/, 'who asks, for what, where it goes, who is logged in');

		is(await page.getByRole('link').evaluateAll((links) => links.map(({ textContent, href, target, rel }) => [textContent, new URL(href).host, target, rel]).slice(0, 2)),
			[['About this application', 'album.example', '_blank', 'noopener noreferrer'], ['Privacy policy', 'album.example', '_blank', 'noopener noreferrer']], 'what the application says of itself');
		const before = app.requests.length;
		await press(page, 'Deny');
		await atApplication(page);
		const { error, state, code } = app.answer('first');
		is([error, state, code], ['access_denied', 'first', undefined], 'who denies is sent back with that');
		is(app.requests[before].headers.referer, undefined, 'R95: without a referrer');

		await page.goto(authorize(clients.ALBUM, app, { state: 'second' }));
		is(await title(page), 'Allow access?', 'denying is not remembered');
		await press(page, 'Allow');
		await atApplication(page);
		const tokens = await redeem(clients.ALBUM, app, app.answer('second').code);
		is(await isAccepted(tokens.access_token), true, 'who allows gives the application a token');
		await page.goto(authorize(clients.ALBUM, app, { state: 'third' }));
		await atApplication(page);
		like(app.answer('third').code, /^oac_/, 'and is not asked a second time');
		await page.goto(authorize(clients.ALBUM, app, { state: 'more', scope: 'read write' }));
		is(await title(page), 'Allow access?', 'but for more');
		await page.goto(authorize(clients.POCKET, app, { state: 'pocket', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }));
		await press(page, 'Allow');
		await atApplication(page);
		await page.goto(authorize(clients.POCKET, app, { state: 'pocket', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }));
		is(await title(page), 'Allow access?', 'R101: and each time where others could take the place of the application');

		const cookies = (await context.cookies(OAUTH_URL)).map(({ value, domain, ...attributes }) => ({ ...attributes, expires: Math.sign(attributes.expires) })).sort((a, b) => (a.name < b.name ? -1 : 1));
		const attributes = { path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' };
		is(cookies, [['oauth_browser', -1], ['oauth_known', 1], ['oauth_session', -1], ['oauth_visit', -1]].map(([name, expires]) => ({ name, ...attributes, expires })),
			'R100: the cookies; one stays, which knows the account again (R213)');
	});
}

async function doubleClick() {
	await scenario('a double click', async (page) => {
		await logInAt(page, authorize(clients.ALBUM, app, { state: 'double', prompt: 'consent' }));
		await page.getByRole('button', { name: 'Allow' }).dblclick();
		await page.waitForTimeout(1000);
		const codes = new Set(app.requests.filter(({ got }) => got.state === 'double').map(({ got }) => got.code));
		is([await page.title(), codes.size], ['Application', 1], 'ends at the application, with one code');
	});
}

async function switchAccount() {
	await scenario('switching', async (page) => {
		await logInAt(page, authorize(clients.PRINTER, app, { state: 'switch' }));
		await page.getByRole('link', { name: 'Use another account' }).click();
		await see(page, 'Log in', 'another account can be used');
		await logIn(page, ...bob);
		like(await text(page), /logged in as bob/, 'and is asked the same');
		await press(page, 'Allow');
		await atApplication(page);
		const { access_token } = await redeem(clients.PRINTER, app, app.answer('switch').code);
		const who = await (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${access_token}` } })).json();
		is(who.username, 'bob', 'the token is for that one');
	});
}

async function twoTabs() {
	await scenario('two tabs', async (one, context) => {
		const other = await context.newPage();
		await one.goto(authorize(clients.ALBUM, app, { state: 'one', prompt: 'consent' }));
		await other.goto(authorize(clients.PRINTER, app, { state: 'other', prompt: 'consent' }));
		await logIn(one, ...bob);
		await logIn(other, ...bob);
		await see(other, 'Allow access?', 'a login page from before another login goes on without the password again');
		is([await text(one), await text(other)].map((words) => /Album|Printer/.exec(words)[0]), ['Album', 'Printer'], 'each asks for its application');
		await press(other, 'Allow');
		await atApplication(other);
		await press(one, 'Allow');
		await atApplication(one);
		is([...new URL(one.url()).searchParams.getAll('state'), ...new URL(other.url()).searchParams.getAll('state')], ['one', 'other'], 'each ends where it began');
		is([(await redeem(clients.ALBUM, app, app.answer('other').code)).error, (await redeem(clients.PRINTER, app, app.answer('other').code)).token_type,
			(await redeem(clients.ALBUM, app, app.answer('one').code)).token_type], ['invalid_grant', 'Bearer', 'Bearer'], 'with the code of its application');
	});
	await scenario('two people', async (page, context) => {
		const other = await context.newPage();
		await logInAt(page, authorize(clients.ALBUM, app, { state: 'R207', prompt: 'consent' }));
		await logInAt(other, `${OAUTH_URL}/login?again=1`, bob);
		await press(page, 'Allow');
		await see(page, 'This did not work', 'R207: what one opened another cannot answer');
		is(app.answer('R207'), undefined, 'and nothing is sent');
		await page.getByRole('link', { name: 'Continue' }).click();
		await see(page, 'Allow access?', 'one press asks anew');
		like(await text(page), /logged in as bob/, 'who is logged in');
	});
}

async function answerByForm() {
	await scenario('form_post', async (page) => {
		await logInAt(page, authorize(clients.ALBUM, app, { state: 'f"><b>', response_mode: 'form_post', prompt: 'consent' }));
		await press(page, 'Allow');
		await see(page, 'Continue', 'there is a button to press');
		await press(page, 'Continue');
		await atApplication(page);
		const { method, got } = app.requests.at(-1);
		is([method, got.state, got.iss], ['POST', 'f"><b>', OAUTH_URL], 'which posts the answer');
		is((await redeem(clients.ALBUM, app, got.code)).token_type, 'Bearer', 'with a code that is good');
	});
	await scenario('an application that sends people on', async (page) => {
		app.pages['/back'] = { location: `${abroad}/home` };
		await logInAt(page, authorize(clients.ALBUM, app, { state: 'on', prompt: 'consent' }));
		await press(page, 'Allow');
		await page.waitForURL(/\/home$/, { timeout: 3000 }).catch(() => {});
		is(page.url(), `${abroad}/home`, 'is not stopped by the policy of the page before it');
		delete app.pages['/back'];
	});
}

async function account() {
	await scenario('the account', async (page, context) => {
		await logInAt(page, authorize(clients.ALBUM, app, { state: 'account', prompt: 'consent' }));
		await press(page, 'Allow');
		await atApplication(page);
		const { access_token } = await redeem(clients.ALBUM, app, app.answer('account').code);
		await page.goto(`${OAUTH_URL}/account`);
		await see(page, 'Your account', 'there is a page for it');
		like(await text(page), /alice[\s\S]*Album/, 'with who it is and what has access');
		await page.getByRole('button', { name: 'Remove access: Album' }).click();
		await see(page, 'Your account', 'access is removed');
		like(await page.getByRole('status').textContent(), /removed/, 'which is said');
		is([await page.getByText('Album', { exact: true }).count(), await isAccepted(access_token)], [0, false], 'and so');

		await page.getByLabel('Present password').fill('wrong password');
		await page.getByLabel('New password').fill('through the looking-glass');
		await press(page, 'Change password');
		await see(page, 'Your account', 'a wrong password changes nothing');
		like(await page.getByRole('alert').textContent(), /wrong/, 'and is said to be wrong');
		await page.getByLabel('Present password').fill(alice[1]);
		await page.getByLabel('New password').fill('short');
		await press(page, 'Change password');
		is(await page.getByLabel('New password').evaluate((input) => input.validity.tooShort), true, 'a short one is not even sent');
		await page.getByLabel('New password').fill('through the looking-glass');
		const [old] = (await context.cookies(OAUTH_URL)).filter((cookie) => cookie.name === 'oauth_session');
		await press(page, 'Change password');
		await see(page, 'Change password', 'a good one is taken');
		await context.addCookies([old]);
		await page.goto(`${OAUTH_URL}/account`);
		is(await title(page), 'Log in', 'and ends every session');
		await logIn(page, ...alice);
		like(await page.getByRole('alert').textContent(), /wrong/, 'the old one is of no use');
		await logIn(page, 'alice', 'through the looking-glass');
		is(await title(page), 'Your account', 'the new one is');
		// as it was, for whatever comes next
		await page.getByLabel('Present password').fill('through the looking-glass');
		await page.getByLabel('New password').fill(alice[1]);
		await press(page, 'Change password');
	});
	await scenario('logging out', async (page) => {
		await logInAt(page, `${OAUTH_URL}/account`);
		await press(page, 'Log out');
		await see(page, 'Log out', 'it says so');
		await page.goBack();
		is(await page.getByText('alice').count(), 0, 'the button for back shows nothing any more');
		await logInAt(page, `${OAUTH_URL}/login`);
		await page.goto(`${OAUTH_URL}/logout`);
		await see(page, 'Log out', 'a link only asks');
		await press(page, 'Log out');
		await page.goto(`${OAUTH_URL}/account`);
		is(await title(page), 'Log in', 'the button does it');
	});
}

async function device() {
	await scenario('a device', async (page) => {
		const begin = () => post('/oauth2/device_authorization', { client_id: clients.DEVICE.id, scope: 'read' });
		const poll = (code) => post('/oauth2/token', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: clients.DEVICE.id, device_code: code });
		const begun = await begin();
		await logInAt(page, begun.verification_uri);
		await see(page, 'Connect a device', 'has a page for its code');
		await page.getByLabel('Code on the device').fill('BCDF-GHJK');
		await press(page, 'Continue');
		await see(page, 'Connect a device', 'a wrong code');
		like(await page.getByRole('alert').textContent(), /No device/, 'is said to be wrong');
		await page.getByLabel('Code on the device').fill(begun.user_code.toLowerCase().replace('-', ' '));
		await press(page, 'Continue');
		await see(page, 'Allow access?', 'the right one leads to the question');
		like(await text(page), /Television/, 'what the device is');
		await press(page, 'Allow');
		await see(page, 'The device is connected', 'who allows is told so');
		like((await poll(begun.device_code)).access_token, /^oat_/, 'and the device has its token');

		const next = await begin();
		await page.goto(next.verification_uri_complete);
		is(await page.getByLabel('Code on the device').inputValue(), next.user_code, 'R174: a link fills in the code');
		await see(page, 'Connect a device', 'for it to be compared');
		await press(page, 'Continue');
		await press(page, 'Deny');
		await see(page, 'Access was denied.', 'who denies is told so');
		is((await poll(next.device_code)).error, 'access_denied', 'and so is the device');
	});
}

async function oauth1() {
	const client = (callback) => new OAuth(`${OAUTH_URL}/oauth/request_token`, `${OAUTH_URL}/oauth/access_token`,
		clients.OAUTH1.id, clients.OAUTH1.secret, '1.0', callback, 'HMAC-SHA1');
	const begin = (callback) => new Promise((done, fail) => client(callback).getOAuthRequestToken((error, token, secret) =>
		(error ? fail(new Error(JSON.stringify(error))) : done({ token, secret, page: `${OAUTH_URL}/oauth/authorize?oauth_token=${token}` }))));
	const exchange = ({ token, secret }, verifier) => {
		const one = client('oob');
		return promisify(one.getOAuthAccessToken.bind(one))(token, secret, verifier);
	};

	await scenario('OAuth 1.0a', async (page) => {
		let token = await begin(`${app.url}/back`);
		await logInAt(page, token.page);
		await see(page, 'Allow access?', 'the same question');
		await press(page, 'Allow');
		await atApplication(page);
		const { oauth_token, oauth_verifier } = app.answer();
		is(oauth_token, token.token, 'back at the application');
		like(await exchange(token, oauth_verifier), /^o1t_/, 'with a verifier that is good');

		token = await begin('oob');
		await page.goto(token.page);
		await press(page, 'Allow');
		await see(page, 'One more step', 'where there is nothing to go back to there is a code to type');
		like(await exchange(token, (await page.locator('.code').textContent()).toLowerCase()), /^o1t_/, 'which is good');

		await page.goto(token.page);
		await see(page, 'This did not work', 'there is nothing to decide a second time');
		token = await begin('oob');
		await page.goto(token.page);
		await press(page, 'Deny');
		await see(page, 'Access was denied.', 'who denies is told so');
	});
}

async function errors() {
	await scenario('errors', async (page) => {
		const at = authorize(clients.ALBUM, app, {});
		for (const [url, what] of [[`${OAUTH_URL}/oauth2/authorize`, 'no client'], [at.replace(clients.ALBUM.id, 'nobody'), 'an unknown client'],
			[at.replace('%2Fback', '%2Felsewhere'), 'an address that is not the client\'s']]) {
			const { length } = app.requests;
			await page.goto(url);
			await see(page, 'This did not work', `R83: ${what}`);
			is([page.url().startsWith(OAUTH_URL), app.requests.length], [true, length], 'R103: and nothing is sent anywhere');
		}
		await page.goto(authorize(clients.ALBUM, app, { state: 'scope', scope: 'admin' }));
		await atApplication(page);
		is(app.answer('scope').error, 'invalid_scope', 'what is wrong besides is told to the application');
	});
	await scenario('markup in names', async (page) => {
		await logInAt(page, authorize(clients.HOSTILE, app, { login_hint: '"><script>alert(1)</script>' }), markup);
		await see(page, 'Allow access?', 'R165: stays words');
		like(await text(page), /<script>alert\('client'\)<\/script>[\s\S]*<img src=x onerror=alert\(1\)>/, 'that are seen as they are');
		await press(page, 'Allow');
		await page.goto(`${OAUTH_URL}/account`);
		await see(page, 'Your account', 'R165: also on the account page');
		like(await text(page), /<script>/, 'where they are seen as well');
	});
}

async function otherSites() {
	await scenario('other sites', async (page) => {
		await logInAt(page, `${OAUTH_URL}/account`);
		for (const path of ['/login', '/account', '/logout', '/oauth2/authorize/confirm', '/oauth2/device', '/oauth/authorize']) {
			app.pages['/attack'] = { html: `<form method="post" action="${OAUTH_URL}${path}"><input name="token" value="x"><button>Free cake</button></form>` };
			for (const from of [abroad, app.url]) {
				await page.goto(`${from}/attack`);
				const [response] = await Promise.all([page.waitForNavigation(), press(page, 'Free cake')]);
				report(`R100: a form of ${from === abroad ? 'another site' : 'a sister site'} to ${path} does nothing`, [403, 200].includes(response.status()) && /Log in|did not work|Log out|Your account|Connect a device/.test(await title(page)), response.status());
			}
		}
		await page.goto(`${OAUTH_URL}/account`);
		is(await title(page), 'Your account', 'nobody was logged out by that');
	});
	await scenario('frames', async (page, context) => {
		await logInAt(page, `${OAUTH_URL}/account`);
		for (const path of ['/account', '/login?again=1', '/logout', '/oauth2/device']) {
			app.pages['/frame'] = { html: `<iframe src="${OAUTH_URL}${path}"></iframe>` };
			const framed = await context.newPage();
			await framed.goto(`${app.url}/frame`);
			is(await framed.frames()[1].locator('main').count(), 0, `R98: ${path} is in nobody's frame`);
			await framed.close();
		}
	}, { expected: /frame-ancestors 'none'/ });
}

async function languages() {
	for (const [locale, lang, words] of [['de-AT', 'de', 'Anmelden'], ['fr-FR', 'fr', 'Se connecter'], ['ja-JP', 'ja', 'ログイン'], ['ar-EG', 'ar', 'تسجيل الدخول'], ['zh-TW', 'zh-Hant', '登入'], ['sv-SE', 'en', 'Log in']])
		await scenario(`a browser in ${locale}`, async (page) => {
			await page.goto(`${OAUTH_URL}/account`);
			await see(page, words, 'has a page that it can read');
			is(await page.evaluate(() => document.documentElement.lang), lang, 'which says its language');
		}, { locale });
	await scenario('an application in French', async (page) => {
		await page.goto(authorize(clients.PRINTER, app, { ui_locales: 'oc fr-CA en', login_hint: 'alice', prompt: 'consent' }));
		await see(page, 'Se connecter', 'has its pages in French');
		is(await page.getByLabel('Nom d’utilisateur').inputValue(), 'alice', 'R198: the hint is filled in');
		await page.getByLabel('Mot de passe').fill('wrong');
		await press(page, 'Se connecter');
		like(await page.getByRole('alert').textContent(), /incorrect/, 'what is wrong is said in French');
		await page.getByLabel('Mot de passe').fill(alice[1]);
		await press(page, 'Se connecter');
		await see(page, 'Autoriser l’accès\u202f?', 'to the end');
		await page.getByRole('link', { name: 'Utiliser un autre compte' }).click();
		is(await title(page), 'Se connecter', 'also for somebody else');
	}, { locale: 'de-DE' });
}

async function keyboard() {
	await scenario('the keyboard alone', async (page) => {
		const seen = [];
		const tab = async () => {
			await page.keyboard.press('Tab');
			const { tag, name: what, isVisible } = await page.evaluate(focused);
			seen.push(isVisible ? what : `${what} (nothing shows that the ${tag} has the focus)`);
		};
		await page.goto(authorize(clients.PRINTER, app, { state: 'keys', prompt: 'consent' }));
		await hasFocus(page, 'username');
		await page.keyboard.type(alice[0]);
		await tab();
		await page.keyboard.type(alice[1]);
		await page.keyboard.press('Enter');
		await page.getByText('Allow access?').waitFor();
		for (let i = 0; i < 3; i++) await tab();
		is(seen, ['Password', 'Allow', 'Deny', 'Use another account'], 'Tab goes through in order, and is seen');
		await page.keyboard.press('Shift+Tab');
		await page.keyboard.press('Shift+Tab');
		await page.keyboard.press('Enter');
		await atApplication(page);
		like(app.answer('keys').code, /^oac_/, 'Enter allows');

		await page.goto(`${OAUTH_URL}/account`);
		const applications = await page.getByRole('button', { name: 'Remove access' }).count();
		seen.length = 0;
		for (let i = 0; i < applications + 6; i++) await tab();
		is(seen, [...Array(applications).fill('Remove access'), 'Log out everywhere', 'Present password', 'New password', 'Change password', 'Set up an authenticator app', 'Log out'], 'the account, too');
		await page.keyboard.press('Enter');
		await page.getByText('You are logged out').waitFor();
		report('and out', true);
	});
}

async function branded() {
	await scenario('an application with a name and a stylesheet', async (page) => {
		const response = await page.goto(`${OAUTH_URL}/login`);
		await see(page, 'Welcome', 'has its words');
		is(await page.title(), 'Welcome – Acme', 'and its name');
		is([await page.getByText('Acme').first().evaluate((element) => getComputedStyle(element).fontSize), response.headers()['content-security-policy'].includes('img-src data:')],
			['40px', true], 'and is looked at as it likes');
		is(await page.locator('main').evaluate(async (element) => {
			const [, url] = /url\("(.*)"\)/.exec(getComputedStyle(element, '::before').backgroundImage);
			const image = new Image();
			image.src = url;
			await image.decode();
			return image.naturalWidth;
		}), 24, 'with its logo');
	});
	await scenario('a stylesheet that asks for something from elsewhere', async (page) => {
		await page.goto(`${OAUTH_URL}/account`);
		await page.waitForTimeout(500);
		is([await page.evaluate(() => getComputedStyle(document.body).fontFamily), app.requests.filter(({ path }) => path.startsWith('/spy'))],
			['spy', []], 'gets nothing');
	}, { expected: /violates the following Content Security Policy directive/, locale: 'es' });
	await scenario('a language of its own', async (page) => {
		await page.goto(`${OAUTH_URL}/login`);
		is([await page.evaluate(() => document.documentElement.lang), await title(page)], ['pt', 'Entrar'], 'is chosen like the others');
	}, { locale: 'pt-BR' });
}

async function overTls() {
	const front = await proxy(process.env.TLS_UPSTREAM, process.env.TLS_KEY, process.env.TLS_CERTIFICATE);
	await scenario('TLS', async (page, context) => {
		await logInAt(page, `${front.url}/account`);
		is(await title(page), 'Your account', 'one can log in');
		const cookies = (await context.cookies(front.url)).map(({ value, ...attributes }) => ({ ...attributes, expires: Math.sign(attributes.expires) })).sort((a, b) => (a.name < b.name ? -1 : 1));
		const attributes = { domain: 'localhost', path: '/', expires: -1, httpOnly: true, secure: true, sameSite: 'Lax' };
		is(cookies, [['__Host-oauth_browser', -1], ['__Host-oauth_known', 1], ['__Host-oauth_session', -1]].map(([name, expires]) => ({ name, ...attributes, expires })),
			'R100, R215: cookies that are tied to the host and to TLS');
		await press(page, 'Log out');
		is((await context.cookies(front.url)).map((cookie) => cookie.name), ['__Host-oauth_browser', '__Host-oauth_known'], 'the session goes with the logout');
	}, { ignoreHTTPSErrors: true, home: front.url });
	front.close();
}

async function secondFactor() {
	let codes;
	await scenario('a second factor', async (page) => {
		await logInAt(page, `${OAUTH_URL}/account`, bob);
		await press(page, 'Set up an authenticator app');
		await see(page, 'Two-step verification', 'the password is asked for');
		await page.getByLabel('Present password').fill(bob[1]);
		await press(page, 'Set up an authenticator app');
		await see(page, 'Two-step verification', 'the key is shown');
		await hasFocus(page, 'code');
		const key = await page.locator('.key').innerText();
		const picture = await page.locator('svg.qr').boundingBox();
		is([picture.width > 150, Math.abs(picture.width - picture.height) < 1], [true, true], 'as a picture too, large enough for a camera');
		await page.getByLabel('Code').fill('000000');
		await press(page, 'Confirm');
		await see(page, 'Two-step verification', 'a wrong code is refused');
		like(await page.getByRole('alert').textContent(), /wrong/, 'and it is said');
		is(await page.locator('.key').count(), 0, 'and the key is not shown again');
		await page.getByLabel('Code').fill(codeOf(key));
		await press(page, 'Confirm');
		await see(page, 'Recovery codes', 'the right one is followed by recovery codes');
		codes = await page.locator('.codes code').allInnerTexts();
		is(codes.length, 10, 'of which there are ten');
		await page.getByRole('link', { name: 'Continue' }).click();
		await see(page, 'Your account', 'and by the account');
		await press(page, 'Log out');
		await logInAt(page, `${OAUTH_URL}/account`, bob);
		await see(page, 'Two-step verification', 'the next login asks for a code');
		await hasFocus(page, 'code');
		await page.getByLabel('Code').fill(codeOf(key, Date.now() + 30_000));
		await page.keyboard.press('Enter');
		await page.getByText('Connected applications').waitFor();
		is(await title(page), 'Your account', 'and is over with it');
	});
	await scenario('a recovery code, in Arabic', async (page) => {
		await page.goto(`${OAUTH_URL}/account`);
		await page.locator('[name=username]').fill(bob[0]);
		await page.locator('[name=password]').fill(bob[1]);
		await page.keyboard.press('Enter');
		await hasFocus(page, 'code');
		is([await page.evaluate(() => document.documentElement.dir), await inspect(page, javaScript)], ['rtl', []], 'the page runs from right to left, and can be read by everybody');
		is(await page.locator('[name=code]').evaluate((input) => getComputedStyle(input).direction), 'ltr', 'but for the code');
		await page.locator('[name=code]').fill(codes[0].toLowerCase());
		await page.keyboard.press('Enter');
		await page.locator('.apps, .logins').first().waitFor();
		await page.locator('[name=code]').fill(codes[1]);
		await page.locator('button[value=remove]').click();
		await page.getByRole('status').waitFor();
		report('and out of it again', true);
	}, { locale: 'ar-EG' });
}

const later = [branded, overTls];
const suites = [loginAndConsent, doubleClick, switchAccount, twoTabs, answerByForm, account, device, oauth1, errors, otherSites, languages, keyboard, secondFactor];
const chosen = process.argv.slice(3);
for (const suite of chosen.length === 0 ? suites : [...suites, ...later].filter(({ name: each }) => chosen.includes(each))) await suite();
app.close();
await browser.close();
