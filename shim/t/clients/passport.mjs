// passport.mjs: what passport does with a request: the strategy says success, fail, redirect or error.
// SPDX-License-Identifier: PostgreSQL

export const attempt = (strategy, query, session) => new Promise((resolve, reject) => {
	const one = Object.create(strategy);
	one.success = (user) => resolve({ user });
	one.redirect = (url) => resolve({ url });
	one.fail = (challenge) => reject(new Error(JSON.stringify(challenge)));
	one.error = reject;
	one.authenticate({ query, session });
});
