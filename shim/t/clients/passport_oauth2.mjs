// passport_oauth2.mjs: a login through passport-oauth2, with state and PKCE kept in a session.
// SPDX-License-Identifier: PostgreSQL
import OAuth2Strategy from 'passport-oauth2';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI } from './browse.mjs';

const strategy = new OAuth2Strategy({
	authorizationURL: `${OAUTH_URL}/oauth2/authorize`, tokenURL: `${OAUTH_URL}/oauth2/token`, clientID: CLIENT_ID,
	clientSecret: CLIENT_SECRET, callbackURL: REDIRECT_URI, scope: 'read', state: true, pkce: true,
}, (accessToken, refreshToken, profile, done) => done(null, { accessToken, refreshToken }));
const session = {};

// What passport does with a request: the strategy says success, fail, redirect or error.
const authenticate = (query) => new Promise((resolve, reject) => {
	const attempt = Object.create(strategy);
	attempt.success = (user) => resolve({ user });
	attempt.redirect = (url) => resolve({ url });
	attempt.fail = (challenge) => reject(new Error(JSON.stringify(challenge)));
	attempt.error = reject;
	attempt.authenticate({ query, session });
});

const { url } = await authenticate({});
const { user } = await authenticate(Object.fromEntries(browse(url).searchParams));
await call(user.accessToken);
