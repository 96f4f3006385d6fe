// passport_openidconnect.mjs: a login through passport-openidconnect, with state and nonce kept in a session.
// SPDX-License-Identifier: PostgreSQL
import OpenIDConnectStrategy from 'passport-openidconnect';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';
import { attempt } from './passport.mjs';

const provider = await (await fetch(`${OAUTH_URL}/.well-known/openid-configuration`)).json();
const strategy = new OpenIDConnectStrategy({
	issuer: provider.issuer, authorizationURL: provider.authorization_endpoint, tokenURL: provider.token_endpoint,
	userInfoURL: provider.userinfo_endpoint, clientID: CLIENT_ID, clientSecret: CLIENT_SECRET, callbackURL: REDIRECT_URI,
	scope: ['profile', 'email', 'read'], nonce: true, skipUserProfile: false, maxAge: 600,
}, (issuer, profile, context, idToken, accessToken, refreshToken, done) => done(null, { profile, idToken, accessToken, refreshToken }));
const session = {};
const { url } = await attempt(strategy, {}, session);
const { user } = await attempt(strategy, Object.fromEntries((await browse(url)).searchParams), session);
await call(user.accessToken, 'code');
tell('id_token', JSON.parse(Buffer.from(user.idToken.split('.')[1], 'base64url')));
tell('userinfo', { sub: user.profile.id, preferred_username: user.profile.username, email: user.profile.emails?.[0].value });
