/*
 * consent.c
 *		SQL of what users have allowed: the consent that was kept, and who has access.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/consent.h"
#include "store/statement.h"

/*
 * Clients with a living grant, and the day of their last token; the high bits of a handle are the
 * time.
 */
static OAuthStatement connected = {
	.sql = "SELECT c.client_id, c.client_name, to_char("
	OAUTH_TIME_OF("max(greatest(g.handle,"
				  " (SELECT max(a.handle) FROM oauth.access_token a WHERE a.grant_handle ="
				  " g.handle),"
				  " (SELECT max(t.handle) FROM oauth.oauth1_token t WHERE t.grant_handle ="
				  " g.handle)))")
	", 'YYYY-MM-DD'),"
	" (SELECT string_agg(DISTINCT word, ' ') FROM unnest(string_to_array(string_agg(g.scope, ' '),"
	" ' ')) word)"
	" FROM oauth.grant g JOIN oauth.client c ON c.client_id = g.client_id"
	" WHERE g.subject = $1 AND g.ended_at IS NULL AND c.deleted_at IS NULL"
	" GROUP BY c.client_id, c.client_name ORDER BY 3 DESC, 2, 1 LIMIT 200",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement consent = {
	.sql = "SELECT scope, claims, authorization_details::text FROM oauth.consent"
	" WHERE subject = $1 AND client_id = $2",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement keep_consent = {
	.sql = "INSERT INTO oauth.consent (subject, client_id, scope, claims, authorization_details)"
	" VALUES ($1, $2, $3, $4, $5)"
	" ON CONFLICT (subject, client_id) DO UPDATE SET updated_at = now(), scope ="
	" (SELECT string_agg(DISTINCT word, ' ') FROM unnest(string_to_array(consent.scope || ' ' ||"
	" excluded.scope, ' ')) word), claims ="
	" ARRAY(SELECT DISTINCT claim FROM unnest(consent.claims || excluded.claims) claim"
	" ORDER BY claim), authorization_details ="
	" coalesce(excluded.authorization_details, consent.authorization_details)",
	.n_arguments = 5, .argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, JSONBOID}
};

/* What the subject has allowed the client for good; scope "" if there is nothing. */
OAuthKeptConsent
oauth_store_consent(const char *subject, const char *client_id)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthArguments arguments = {0};
	OAuthKeptConsent kept = {.scope = ""};

	oauth_add_text(&arguments, subject);
	oauth_add_text(&arguments, client_id);
	if (oauth_store_run(&consent, &arguments) > 0)
	{
		kept.scope = oauth_store_string(0, 1);
		kept.claims = oauth_store_strings(0, 2, caller);
		kept.authorization_details = oauth_store_string(0, 3);
	}
	oauth_store_end();
	return kept;
}

/*
 * Adds the words of scope, and the claims, to what is allowed.  Authorization details take the
 * place of those before.
 */
void
oauth_store_keep_consent(const char *subject, const char *client_id, const OAuthKeptConsent *kept)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	oauth_add_text(&arguments, client_id);
	oauth_add_text(&arguments, kept->scope);
	oauth_add_pointer(&arguments, DatumGetPointer(oauth_array_from_list(kept->claims)));
	oauth_add_jsonb(&arguments, kept->authorization_details);
	oauth_store_count(&keep_consent, &arguments);
}

static void *
read_connected(uint64 row)
{
	OAuthConnected *application = SPI_palloc(sizeof(OAuthConnected));

	application->client_id = oauth_store_string(row, 1);
	application->client_name = oauth_store_string(row, 2);
	application->last_token = oauth_store_string(row, 3);
	application->scope = oauth_store_string(row, 4);
	return application;
}

/* The applications that have access, as OAuthConnected. */
List *
oauth_store_connected(const char *subject)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	return oauth_store_list(&connected, &arguments, read_connected);
}
