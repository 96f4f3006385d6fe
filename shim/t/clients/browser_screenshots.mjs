// browser_screenshots.mjs: a picture of every page, for the documents.
// usage: browser_screenshots.mjs plain|branded DIRECTORY
// SPDX-License-Identifier: PostgreSQL
import { launch, logIn, OAUTH_URL, post, press } from './browser.mjs';

const [, , which, directory] = process.argv;
const { ALBUM, TELEVISION, USERNAME, PASSWORD } = process.env;
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
	const lecteur = await person('fr');
	await lecteur.goto('/login');
	await picture(lecteur, 'login-french');
}

async function branded() {
	const page = await person();
	await page.goto(album);
	await picture(page, 'branded', ['desktop light', 'phone dark']);
}

await { plain, branded }[which]();
await browser.close();
