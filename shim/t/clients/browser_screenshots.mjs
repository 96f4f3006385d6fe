// browser_screenshots.mjs: a picture of every page, for the documents.
// usage: browser_screenshots.mjs plain|branded DIRECTORY
// SPDX-License-Identifier: PostgreSQL
import { codeOf, launch, logIn, OAUTH_URL, post, press } from './browser.mjs';

const [, , which, directory] = process.argv;
const { ALBUM, SHOP, TELEVISION, USERNAME, PASSWORD } = process.env;
const sizes = { desktop: { width: 800, height: 640 }, phone: { width: 360, height: 720 } };
const browser = await launch();
const album = `/oauth2/authorize?response_type=code&client_id=${ALBUM}&state=1&scope=photos+upload`;

// The page as it is now, in a window of each size and light that is asked for.
const picture = async (page, name, windows = ['desktop light']) => {
	await page.mouse.move(0, 0);
	for (const each of windows) {
		const [size, colorScheme] = each.split(' ');
		await page.setViewportSize(sizes[size]);
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		await page.screenshot({ path: `${directory}/${name}${windows.length > 1 ? `-${size}-${colorScheme}` : ''}.png`, fullPage: true, caret: 'hide' });
	}
};
const everywhere = ['desktop light', 'desktop dark', 'phone light', 'phone dark'];
const person = async (locale = 'en') => (await browser.newContext({ locale, baseURL: OAUTH_URL, deviceScaleFactor: 2 })).newPage();

async function plain() {
	const page = await person();
	await page.goto(album);
	await picture(page, 'login', everywhere);
	await logIn(page, USERNAME, 'wrong');
	await picture(page, 'login-wrong');
	await page.getByLabel('Password').fill(PASSWORD);
	await press(page, 'Log in');
	await picture(page, 'consent', everywhere);
	await page.goto(`${album}&response_mode=form_post`);
	await press(page, 'Deny');
	await picture(page, 'continue');
	await page.goto('/account');
	await picture(page, 'account', everywhere);
	await page.getByRole('button', { name: 'Remove access' }).last().click();
	await picture(page, 'account-removed');
	await page.goto('/oauth2/authorize?client_id=nobody');
	await picture(page, 'error');
	await page.goto('/oauth2/device');
	await page.getByLabel('Code on the device').fill('BCDF-GHJK');
	await press(page, 'Continue');
	await picture(page, 'device-wrong');
	const begin = () => post('/oauth2/device_authorization', { client_id: TELEVISION, scope: 'photos' });
	await page.goto((await begin()).verification_uri_complete);
	await picture(page, 'device', ['desktop light', 'phone dark']);
	await press(page, 'Continue');
	await press(page, 'Allow');
	await picture(page, 'device-done');
	await page.goto((await begin()).verification_uri_complete);
	await press(page, 'Continue');
	await press(page, 'Deny');
	await picture(page, 'denied');
	await page.goto(process.env.OOB);
	await press(page, 'Allow');
	await picture(page, 'code');
	await page.goto('/logout');
	await picture(page, 'logout');
	await press(page, 'Log out');
	await picture(page, 'logged-out');
	await secondFactor(await person());
	const lecteur = await person('fr');
	await lecteur.goto('/login');
	await picture(lecteur, 'login-french');
}

// What a relying party is told, what a shop is to be paid, and a login with a code.
async function secondFactor(page) {
	const details = [{ type: 'payment', amount: '12.50', currency: 'EUR', to: 'Corner shop', purpose: 'Order 4711' }];
	const shop = new URLSearchParams({ response_type: 'code', client_id: SHOP, code_challenge_method: 'S256', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' });
	await page.goto(`/oauth2/authorize?${shop}&scope=openid+profile+email`);
	await logIn(page, USERNAME, PASSWORD);
	await picture(page, 'consent-openid');
	await page.goto(`/oauth2/authorize?${shop}&scope=read&authorization_details=${encodeURIComponent(JSON.stringify(details))}`);
	await picture(page, 'consent-details');
	await page.goto('/account');
	await press(page, 'Set up an authenticator app');
	await page.getByLabel('Present password').fill(PASSWORD);
	await press(page, 'Set up an authenticator app');
	await page.locator('.key').waitFor();
	await picture(page, 'second-factor-setup', ['desktop light', 'phone dark']);
	const key = await page.locator('.key').innerText();
	await page.getByLabel('Code').fill(codeOf(key));
	await press(page, 'Confirm');
	await page.locator('.codes').waitFor();
	await picture(page, 'recovery-codes');
	await page.getByRole('link', { name: 'Continue' }).click();
	await press(page, 'Log out');
	await page.goto('/login');
	await logIn(page, USERNAME, PASSWORD);
	await picture(page, 'login-code');
}

async function branded() {
	const page = await person();
	await page.goto(album);
	await picture(page, 'branded', ['desktop light', 'phone dark']);
}

await { plain, branded }[which]();
await browser.close();
