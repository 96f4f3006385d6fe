// browser_inspection.mjs: what has to be true of every page, for whoever reads it and however.
// SPDX-License-Identifier: PostgreSQL
import axe from 'axe-core';

// Runs in the page: the faults of its structure, as sentences.
const structure = () => {
	const all = (selector) => [...document.querySelectorAll(selector)];
	const faults = [];
	const fault = (found, what) => found.forEach((element) => faults.push(`${what}: ${element.outerHTML.slice(0, 120)}`));

	if (!/^[a-z]{2,8}(-[A-Z][a-z]{3})?$/.test(document.documentElement.lang)) faults.push('the page says no language');
	if (document.title.trim() === '') faults.push('the page has no title');
	if (all('h1').length !== 1 || all('main').length !== 1) faults.push('there is not one heading and one main part');
	fault(all('input:not([type=hidden], [hidden]), select, textarea').filter((input) => input.labels.length === 0), 'no label');
	fault(all('input[aria-invalid], input[aria-describedby]').filter((input) => (input.getAttribute('aria-describedby') ?? '')
		.split(' ').some((id) => id && !document.getElementById(id))), 'described by nothing');
	fault(all('button, a').filter((element) => element.textContent.trim() === ''), 'no words');
	fault(all('[id]').filter((element) => all(`[id="${element.id}"]`).length > 1), 'an id twice');
	fault(all('script, link, img, iframe, object, embed, [style]'), 'a script, a style or something from elsewhere');
	fault(all('*').filter((element) => [...element.attributes].some(({ name }) => name.startsWith('on'))), 'a script in an attribute');
	fault(all('button, input:not([type=hidden], [hidden])').filter((element) => element.getBoundingClientRect().height < 44), 'too low for a finger');
	return faults;
};

// Runs in the page: text that is hard to read for its colours (WCAG 2.2, 1.4.3), fields and buttons that are hard to see (1.4.11).
const colours = () => {
	const parse = (colour) => {
		const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
		return { r, g, b, a };
	};
	const over = (top, below) => ({
		r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1,
	});
	const background = (element) => {
		if (element === null) return { r: 255, g: 255, b: 255, a: 1 };
		const own = parse(getComputedStyle(element).backgroundColor);
		return own.a === 1 ? own : over(own, background(element.parentElement));
	};
	const luminance = ({ r, g, b }) => {
		const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
		return 0.2126 * x + 0.7152 * y + 0.0722 * z;
	};
	const contrast = (one, other) => {
		const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
		return (high + 0.05) / (low + 0.05);
	};
	const faults = [];
	const check = (element, one, other, least) => {
		const ratio = contrast(over(one, other), other);
		if (ratio < least) faults.push(`contrast ${ratio.toFixed(2)} of ${least}: ${element.outerHTML.slice(0, 120)}`);
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let texts = 0;

	for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
		const element = node.parentElement;
		if (node.data.trim() === '' || element.getClientRects().length === 0) continue;
		check(element, parse(getComputedStyle(element).color), background(element), 4.5);
		texts++;
	}
	if (texts === 0) faults.push('there is no text');
	for (const input of document.querySelectorAll('input:not([type=hidden], [hidden])')) {
		check(input, parse(getComputedStyle(input).color), background(input), 4.5);
		check(input, parse(getComputedStyle(input).borderTopColor), background(input.parentElement), 3);
	}
	for (const button of document.querySelectorAll('button'))
		check(button, parse(getComputedStyle(button).borderTopColor), background(button.parentElement), 3);
	return faults;
};

// Runs in the page: how far it is wider than the window.
const overflow = () => {
	const wider = document.documentElement.scrollWidth - document.documentElement.clientWidth;
	return wider > 0 ? [`${wider} pixels wider than the window`] : [];
};

const accessibility = async (page) => {
	await page.evaluate(axe.source);
	const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
	return violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join('; ')}`);
};

// All faults of a page: on paper and in the dark, in a wide window and a narrow one.
export const inspect = async (page, javaScript) => {
	const faults = await page.evaluate(structure);

	for (const colorScheme of ['dark', 'light']) {
		await page.emulateMedia({ colorScheme });
		faults.push(...(await page.evaluate(colours)).map((fault) => `${colorScheme}: ${fault}`));
		if (javaScript) faults.push(...(await accessibility(page)).map((fault) => `${colorScheme}: ${fault}`));
	}
	for (const width of [320, 1280]) {
		await page.setViewportSize({ width, height: 720 });
		faults.push(...(await page.evaluate(overflow)).map((fault) => `at ${width} pixels: ${fault}`));
	}
	return faults;
};

// Runs in the page: what has the focus, and whether that can be seen (WCAG 2.2, 2.4.7 and 2.4.13).
export const focused = () => {
	const element = document.activeElement;
	const { outlineStyle, outlineWidth } = getComputedStyle(element);
	const name = element.labels?.[0]?.textContent ?? element.textContent;
	return { tag: element.localName, name: name.trim(), isVisible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 };
};
