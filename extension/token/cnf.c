/*
 * cnf.c
 *		What a token is bound to: "jkt:" and the thumbprint of a key (RFC 9449, section 6), or
 *		"x5t#S256:" and that of a certificate (RFC 8705, section 3).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "token/token.h"

#define JKT "jkt:"

/* Whether that is a key; NULL, and a certificate, are none. */
bool
oauth_cnf_is_key(const char *cnf)
{
	return cnf != NULL && strncmp(cnf, JKT, strlen(JKT)) == 0;
}

/* What is bound to the key of that thumbprint. */
char *
oauth_cnf_of_key(const char *jkt)
{
	return psprintf(JKT "%s", jkt);
}

/*
 * token_type of the answer (RFC 9449, section 5: "DPoP"; RFC 8705, section 3: the tokens of a
 * certificate are bearer tokens).  cnf NULL: the token is bound to nothing.
 */
const char *
oauth_cnf_token_type(const char *cnf)
{
	return oauth_cnf_is_key(cnf) ? "DPoP" : "Bearer";
}

/* Appends the member cnf (RFC 7800, section 3.1) to an object that has members; NULL: nothing. */
void
oauth_cnf_append(StringInfo json, const char *cnf)
{
	const char *colon = cnf ? strchr(cnf, ':') : NULL;

	if (colon != NULL)
		appendStringInfo(json, ", \"cnf\": {\"%.*s\": \"%s\"}", (int) (colon - cnf), cnf,
						 colon + 1);
}

/* Whether two tokens are bound to the same; NULL: to nothing. */
bool
oauth_cnf_equals(const char *one, const char *other)
{
	return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}
