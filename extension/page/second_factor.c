/*
 * second_factor.c
 *		What the login and the account page show of the second factor: the code to type, the secret
 *		to scan, the recovery codes.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"
#include "setting.h"
#include "text/text.h"
#include "user/user.h"

/* The text for a person whose code was not accepted. */
OAuthText
oauth_text_of_code_fault(const OAuthFault *fault)
{
	return fault->code == OAUTH_TOO_MANY_ATTEMPTS ? OAUTH_TEXT_TOO_MANY_ATTEMPTS :
		OAUTH_TEXT_WRONG_FACTOR_CODE;
}

/* The field for a code.  told: the id of what explains it. */
void
oauth_page_code_field(StringInfo html, const OAuthWords *words, const char *id, const char *told,
					  bool has_focus)
{
	oauth_html(html,
			   "<label for=\"%s\">%s</label>\n<input id=\"%s\" name=\"code\" "
			   "autocomplete=\"one-time-code\" autocapitalize=\"characters\" spellcheck=\"false\" "
			   "dir=\"ltr\" maxlength=\"40\" aria-describedby=\"%s\" required",
			   id, words->texts[OAUTH_TEXT_FACTOR_CODE], id, told);
	appendStringInfoString(html, has_focus ? " autofocus>\n" : ">\n");
}

/*
 * Who issues the codes, as the application on the phone shows it: the name above the pages, or the
 * host of the issuer.
 */
static const char *
issuer_name(const OAuthWords *words)
{
	const char *brand = words->texts[OAUTH_TEXT_BRAND];
	const char *host = oauth_setting_issuer ? strstr(oauth_setting_issuer, "//") : NULL;

	if (brand[0] != '\0')
		return brand;
	return host && host[2] ? pnstrdup(host + 2, strcspn(host + 2, "/")) : "OAuth";
}

/* The URI that applications for one-time passwords read from QR codes. */
static char *
key_uri(const OAuthWords *words, const char *username, const char *secret)
{
	char	   *issuer = oauth1_encode(issuer_name(words));

	return psprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s", issuer, oauth1_encode(username),
					secret, issuer);
}

/* The secret, as a picture and in groups of four letters. */
void
oauth_page_secret(StringInfo html, const OAuthWords *words, const char *username,
				  const char *secret)
{
	oauth_html(html, "<p id=\"told\">%s</p>\n", words->texts[OAUTH_TEXT_FACTOR_SCAN]);
	oauth_html_qr_code(html, key_uri(words, username, secret));
	oauth_html(html, "<p class=\"who\">%s</p>\n<p class=\"key\" dir=\"ltr\"><bdi>",
			   words->texts[OAUTH_TEXT_FACTOR_KEY]);
	for (const char *c = secret; *c; c += Min(strlen(c), 4))
		oauth_html(html, c == secret ? "%s" : " %s", pnstrdup(c, Min(strlen(c), 4)));
	appendStringInfoString(html, "</bdi></p>\n");
}

/* The page that shows the recovery codes, once, and leads on to address. */
OAuthResponse *
oauth_page_recovery_codes(const OAuthRequest *request, List *codes, const char *address)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = oauth_page_open(200, words, words->texts[OAUTH_TEXT_RECOVERY_CODES], "");
	ListCell   *cell;

	oauth_html(&page->body, "<p>%s</p>\n<ul class=\"codes\" dir=\"ltr\">\n",
			   words->texts[OAUTH_TEXT_RECOVERY_CODES_TOLD]);
	foreach(cell, codes)
		oauth_html(&page->body, "<li><code>%s</code></li>\n", (const char *) lfirst(cell));
	oauth_html(&page->body, "</ul>\n<a class=\"button\" href=\"%s\">%s</a>\n",
			   oauth_page_address(words, address), words->texts[OAUTH_TEXT_GO_ON]);
	return oauth_page_close(page);
}
