// browser_details.mjs: a person reads authorization details on the consent page, hostile ones too.
// usage: browser_details.mjs with|without
// Prints a line of JSON for each thing that was looked at, as browser_tests.mjs does.
// SPDX-License-Identifier: PostgreSQL
import { isDeepStrictEqual } from 'node:util';
import { application, authorize, launch, logIn, OAUTH_URL, press, redeem } from './browser.mjs';
import { inspect } from './browser_inspection.mjs';

const client = JSON.parse(process.env.SHOP);
const javaScript = process.argv[2] === 'with';
const browser = await launch();
const app = await application();
const report = (name, ok, detail) => console.log(JSON.stringify({ name: `${javaScript ? 'with' : 'without'} JavaScript, ${name}`, ok: Boolean(ok), detail }));
const is = (got, wanted, name) => report(name, isDeepStrictEqual(got, wanted), { got, wanted });

const complaints = [];
const elsewhere = [];
const open = async (options) => {
	const context = await browser.newContext({ javaScriptEnabled: javaScript, locale: 'en-GB', reducedMotion: 'reduce', ...options });
	context.setDefaultTimeout(10_000);
	context.on('request', (request) => {
		if (![OAUTH_URL, app.url, 'data:'].some((ours) => request.url().startsWith(ours))) elsewhere.push(request.url());
	});
	context.on('console', (message) => {
		if (message.type() === 'error' && !/the server responded with a status of 4\d\d/.test(message.text())) complaints.push(message.text());
	});
	context.on('dialog', (dialog) => { complaints.push(dialog.message()); dialog.dismiss(); });
	return context.newPage();
};
const ask = (details, more = {}) => authorize(client, app, { state: 's', scope: 'read', authorization_details: JSON.stringify(details), ...more });
// The list of an object, as a person reads it: names and values.
const list = (page, n = 0) => page.locator('.detail').nth(n).locator(':scope > dl').evaluate((dl) =>
	[...dl.children].map((element) => element.innerText.trim().replace(/\s+/g, ' ')));

const page = await open();
const payment = { type: 'payment', amount: '12.50', currency: 'EUR', to: { name: 'Zoë', address: { city: 'Ulm' } }, articles: ['bread', 'wine'] };
await page.goto(ask([payment, { type: 'photo', actions: ['print'] }]));
await logIn(page, 'alice', 'wonderland');
is(await page.getByRole('heading', { level: 2 }).allTextContents(), ['Pay a bill', 'photo'], 'each object stands under what its type means');
is(await list(page), ['to', 'name Zoë address city Ulm', 'Amount', '12.50', 'articles', 'bread wine', 'currency', 'EUR'],
	'... with everything that is in it, in the application\'s words');
is(await inspect(page, javaScript), [], '... and can be read by everybody');
await press(page, 'Allow');
await page.waitForURL((url) => url.href.startsWith(app.url));
const tokens = await redeem(client, app, app.answer('s').code);
is(tokens.authorization_details?.[0]?.to, payment.to, 'the tokens have what was allowed');
await page.goto(ask([{ type: 'photo', actions: ['print'] }, payment]));
report('the same is not asked about again', page.url().startsWith(app.url), page.url());
await page.goto(ask([{ ...payment, amount: '12.51' }]));
is((await list(page))[3], '12.51', 'a cent more is');
await press(page, 'Deny');
await page.waitForURL((url) => url.href.startsWith(app.url));
is(app.answer('s').error, 'access_denied', '... and can be refused');

// whatever a client puts there
const hostile = {
	type: 'photo',
	'<script>alert("name")</script>': '"><img src=x onerror=alert(1)><style>button{display:none}</style>',
	'\u202eesrever\u2066': 'harmless \u202e\u2067\u200b\u00ad\ufeff text \u0000',
	nested: { '</dl></section><h1>': [['</ul><form action="https://evil.example/">'], { deep: { deeper: '&lt;b&gt;' } }] },
	long: 'x'.repeat(1500),
	words: 'long '.repeat(300),
	'': '',
};
delete hostile['\u202eesrever\u2066'];
hostile['\u202eesrever\u2066'] = 'harmless \u202e\u2067\u200b\u00ad\ufeff text';
await page.goto(ask([hostile], { prompt: 'consent' }));
const words = await page.locator('.detail').innerText();
report('markup is text', words.includes('<script>alert("name")</script>') && words.includes('"><img src=x onerror=alert(1)>') && words.includes('</dl></section><h1>'), words);
report('nothing is invisible, and nothing changes the direction', !/[\u202a-\u202e\u2066-\u2069\u200b\u00ad\ufeff]/.test(words) && words.includes('harmless'), words);
report('nothing is cut off', words.includes('x'.repeat(1500)) && words.includes('long '.repeat(299).trim()), words.length);
is(await page.locator('form').count(), 1, 'there is the one form of the page');
report('the buttons can be seen', await page.getByRole('button', { name: 'Deny' }).isVisible());
is(await inspect(page, javaScript), [], 'the hostile page can be read by everybody');
for (const [width, what] of [[320, 'a phone'], [1280, 'a screen']]) {
	await page.setViewportSize({ width, height: 800 });
	report(`it is not wider than ${what}`, await page.locator('main').evaluate((main) => main.scrollWidth <= main.clientWidth + 1
		&& document.documentElement.scrollWidth <= document.documentElement.clientWidth));
}

// another language, from right to left
const arabic = await open({ locale: 'ar' });
await arabic.goto(ask([payment], { ui_locales: 'ar' }));
await arabic.locator('[name=username]').fill('alice');
await arabic.locator('[name=password]').fill('wonderland');
await arabic.locator('form button').first().click();
await arabic.goto(ask([{ ...payment, amount: '1' }], { ui_locales: 'ar', prompt: 'consent' }));
is(await arabic.locator('.detail h2').innerText(), 'ادفع فاتورة', 'in Arabic, as the application says it');
is(await inspect(arabic, javaScript), [], '... and can be read by everybody');
is([elsewhere, complaints], [[], []], 'nothing came from elsewhere, and there was nothing to complain of');
await browser.close();
app.close();
