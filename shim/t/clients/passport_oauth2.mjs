// passport_oauth2.mjs: a login through passport-oauth2, with state and PKCE kept in a session.
// SPDX-License-Identifier: PostgreSQL
import OAuth2Strategy from 'passport-oauth2';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI } from './browse.mjs';
import { attempt } from './passport.mjs';

const strategy = new OAuth2Strategy({
	authorizationURL: `${OAUTH_URL}/oauth2/authorize`, tokenURL: `${OAUTH_URL}/oauth2/token`, clientID: CLIENT_ID,
	clientSecret: CLIENT_SECRET, callbackURL: REDIRECT_URI, scope: 'read', state: true, pkce: true,
}, (accessToken, refreshToken, profile, done) => done(null, { accessToken, refreshToken }));
const session = {};

const { url } = await attempt(strategy, {}, session);
const { user } = await attempt(strategy, Object.fromEntries((await browse(url)).searchParams), session);
await call(user.accessToken);
