/*
 * text_en.c
 *		The words of the pages in English.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_en =
{.tag = "en",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Log in",
		[OAUTH_TEXT_CONTINUE_TO] = "to continue to {application}",
		[OAUTH_TEXT_LOG_IN] = "Log in",
		[OAUTH_TEXT_USERNAME] = "Username",
		[OAUTH_TEXT_PASSWORD] = "Password",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "Forgot your password?",
		[OAUTH_TEXT_SIGN_UP] = "Create an account",
		[OAUTH_TEXT_HELP] = "Help",
		[OAUTH_TEXT_WRONG_PASSWORD] = "The username or the password is wrong.",
		[OAUTH_TEXT_LOGOUT] = "Log out",
		[OAUTH_TEXT_LOGGED_OUT] = "You are logged out.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "You are logged in as",
		[OAUTH_TEXT_NOT_YOU] = "Not you?",
		[OAUTH_TEXT_SWITCH] = "Use another account",
		[OAUTH_TEXT_CONSENT] = "Allow access?",
		[OAUTH_TEXT_WANTS] = "asks for permission to:",
		[OAUTH_TEXT_SCOPE_READ] = "Read your data",
		[OAUTH_TEXT_SCOPE_WRITE] = "Change your data",
		[OAUTH_TEXT_SCOPE_OPENID] = "Know who you are",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Know your name and profile",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Know your email address",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Know your postal address",
		[OAUTH_TEXT_SCOPE_PHONE] = "Know your phone number",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Go on while you are away",
		[OAUTH_TEXT_CLAIMS] = "Know of you",
		[OAUTH_TEXT_CLAIM_NAME] = "name",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "nickname",
		[OAUTH_TEXT_CLAIM_USERNAME] = "username",
		[OAUTH_TEXT_CLAIM_PROFILE] = "profile page",
		[OAUTH_TEXT_CLAIM_PICTURE] = "picture",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "website",
		[OAUTH_TEXT_CLAIM_GENDER] = "gender",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "date of birth",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "time zone",
		[OAUTH_TEXT_CLAIM_LOCALE] = "language",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "time of the last change",
		[OAUTH_TEXT_CLAIM_EMAIL] = "email address",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "postal address",
		[OAUTH_TEXT_CLAIM_PHONE] = "phone number",
		[OAUTH_TEXT_ABOUT] = "About this application",
		[OAUTH_TEXT_POLICY] = "Privacy policy",
		[OAUTH_TEXT_TERMS] = "Terms of service",
		[OAUTH_TEXT_ALLOW] = "Allow",
		[OAUTH_TEXT_DENY] = "Deny",
		[OAUTH_TEXT_GOES_TO] = "You will be sent back to",
		[OAUTH_TEXT_COMES_FROM] = "Nobody here has checked this application. It comes from",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "It runs on this device. Allow it only if you have "
		"just started it yourself.",
		[OAUTH_TEXT_GO_ON] = "Continue",
		[OAUTH_TEXT_DENIED] = "Access was denied.",
		[OAUTH_TEXT_DENIED_TOLD] = "The application got nothing. You can close this page.",
		[OAUTH_TEXT_CODE] = "One more step",
		[OAUTH_TEXT_CODE_TOLD] = "Type this code into the application:",
		[OAUTH_TEXT_ACCOUNT] = "Your account",
		[OAUTH_TEXT_APPLICATIONS] = "Connected applications",
		[OAUTH_TEXT_NO_APPLICATIONS] = "No application has access to your account.",
		[OAUTH_TEXT_LAST_USED] = "Last got a token:",
		[OAUTH_TEXT_REVOKE] = "Remove access",
		[OAUTH_TEXT_REVOKED] = "The access was removed.",
		[OAUTH_TEXT_SESSIONS] = "Where you are logged in",
		[OAUTH_TEXT_THIS_BROWSER] = "This browser",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Unknown browser",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Logged in:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Log out everywhere",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "You are logged out in every browser.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Change password",
		[OAUTH_TEXT_OLD_PASSWORD] = "Present password",
		[OAUTH_TEXT_NEW_PASSWORD] = "New password",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "The password was changed. All applications and browsers "
		"are logged out.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "A password has at least 8 characters, and at most 72 "
		"bytes.",
		[OAUTH_TEXT_ERROR] = "This did not work",
		[OAUTH_TEXT_ERROR_TOLD] = "The application sent a request that cannot be answered. Go "
		"back to it and start again.",
		[OAUTH_TEXT_STALE] = "This page was open for too long, or belongs to another login. "
		"Please try again.",
		[OAUTH_TEXT_NO_COOKIE] = "Your browser did not send the cookie of this page. Please allow "
		"cookies for this site, then "
		"continue.",
		[OAUTH_TEXT_DEVICE] = "Connect a device",
		[OAUTH_TEXT_DEVICE_TOLD] = "Type the code that the device shows.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "Does a device of yours show this very code? If you did not "
		"begin this yourself, close the page.",
		[OAUTH_TEXT_USER_CODE] = "Code on the device",
		[OAUTH_TEXT_WRONG_USER_CODE] = "No device waits with this code. It may have expired: "
		"begin again on the device.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Too many failed attempts. Please wait a while, then try "
		"again.",
		[OAUTH_TEXT_DEVICE_DONE] = "The device is connected",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Go back to it; it will go on in a moment.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Two-step verification",
		[OAUTH_TEXT_FACTOR_CODE] = "Code",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Type the code that your authenticator app shows, or one "
		"of your recovery codes.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "The code is wrong, or was used before.",
		[OAUTH_TEXT_FACTOR_OFF] = "With an authenticator app on your phone, your password alone "
		"is not enough to get in.",
		[OAUTH_TEXT_FACTOR_ON] = "An authenticator app is set up.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "Your account needs two-step verification. Please set up "
		"an authenticator app.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Set up an authenticator app",
		[OAUTH_TEXT_FACTOR_SCAN] = "Scan this picture with an authenticator app, or type the key "
		"into it. Then type the code that the app shows.",
		[OAUTH_TEXT_FACTOR_KEY] = "Key",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Confirm",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Remove the authenticator app",
		[OAUTH_TEXT_FACTOR_REMOVED] = "The authenticator app was removed.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Recovery codes",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Each of these codes works once, when your phone is "
		"not at hand. Keep them in a safe place: they are not shown again.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Recovery codes left:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "New recovery codes",
}};
