/*
 * scheme.c
 *		Passwords that other programs have hashed: a table of schemes, and the comparison.
 *
 * The hash comes from a table of the application or from an import, so it is untrusted input: it is
 * read strictly, and the work of computing it is limited before anything is computed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/password.h"
#include "password/scheme.h"
#include "setting.h"

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_check_password_hash);

#define ANY_SCHEME		"auto"
#define MAX_HASH_LENGTH 1000
#define MAX_SPACE		(256.0 * 1024 * 1024)	/* bytes */

typedef struct Scheme
{
	const char *name;
	const char *prefix;			/* of its hashes */
	bool		(*read) (const char *rest, OAuthPasswordHash *hash);
	void		(*derive) (const char *password, const OAuthPasswordHash *hash, uint8 *key);
	const char *digest;
	double		enough;			/* hashes with less work are weak */
	double		limit;			/* hashes with more are not computed */
	bool		is_legacy;		/* refused unless allowed */
	char	   *(*make) (const char *password, const OAuthPasswordHash *old);	/* or NULL: none */
	size_t		length;			/* of its hashes; 0: any */
} Scheme;

/*
 * What work is: of bcrypt its cost; of SHA-crypt and phpass the rounds; of PBKDF2 the iterations;
 * of scrypt N * r * p; of Argon2 the KiB times the passes.  Enough is what OWASP's Password Storage
 * Cheat Sheet asks for at least, of bcrypt the setting oauth.bcrypt_cost, of SCRAM what the server
 * does by default.  The limits are a few seconds of work each.
 */
static const Scheme schemes[] = {
	{
		.name = "bcrypt", .prefix = "$2",
		.read = oauth_password_read_bcrypt, .derive = oauth_password_crypt,
		.limit = 14, .make = oauth_password_make_bcrypt
	},
	{
		.name = "bcrypt", .prefix = "bcrypt$$2",
		.read = oauth_password_read_bcrypt, .derive = oauth_password_crypt,
		.limit = 14, .make = oauth_password_make_django_bcrypt
	},
	{
		.name = "bcrypt", .prefix = "{bcrypt}$2",
		.read = oauth_password_read_bcrypt, .derive = oauth_password_crypt,
		.limit = 14, .make = oauth_password_make_spring
	},
	{
		.name = "bcrypt_sha256", .prefix = "bcrypt_sha256$$2",
		.read = oauth_password_read_bcrypt, .derive = oauth_password_crypt_sha256,
		.limit = 14, .make = oauth_password_make_bcrypt_sha256
	},
	{
		.name = "wordpress", .prefix = "$wp$2",
		.read = oauth_password_read_bcrypt, .derive = oauth_password_wordpress,
		.limit = 14, .make = oauth_password_make_wordpress
	},
	{
		.name = "phpass", .prefix = "$P$",
		.read = oauth_password_read_phpass, .derive = oauth_password_phpass,
		.enough = OAUTH_NEVER_ENOUGH, .limit = 1 << 18
	},
	{
		.name = "phpass", .prefix = "$H$",
		.read = oauth_password_read_phpass, .derive = oauth_password_phpass,
		.enough = OAUTH_NEVER_ENOUGH, .limit = 1 << 18
	},
	{
		.name = "pbkdf2_sha256", .prefix = "pbkdf2_sha256$",
		.read = oauth_password_read_django_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA256", .enough = OAUTH_PBKDF2_SHA256_ENOUGH, .limit = 1e7,
		.make = oauth_password_make_django
	},
	{
		.name = "pbkdf2_sha256", .prefix = "$pbkdf2-sha256$",
		.read = oauth_password_read_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA256", .enough = OAUTH_PBKDF2_SHA256_ENOUGH, .limit = 1e7
	},
	{
		.name = "pbkdf2_sha256", .prefix = "pbkdf2:sha256:",
		.read = oauth_password_read_werkzeug_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA256", .enough = OAUTH_PBKDF2_SHA256_ENOUGH, .limit = 1e7
	},
	{
		.name = "pbkdf2_sha256", .prefix = "{pbkdf2@SpringSecurity_v5_8}",
		.read = oauth_password_read_spring_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA256", .enough = OAUTH_PBKDF2_SHA256_ENOUGH, .limit = 1e7,
		.make = oauth_password_make_spring
	},
	{
		.name = "pbkdf2_sha512", .prefix = "$pbkdf2-sha512$",
		.read = oauth_password_read_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA512", .enough = 2.1e5, .limit = 5e6
	},
	{
		.name = "pbkdf2_sha512", .prefix = "pbkdf2:sha512:",
		.read = oauth_password_read_werkzeug_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA512", .enough = 2.1e5, .limit = 5e6
	},
	{
		.name = "pbkdf2_sha1", .prefix = "pbkdf2_sha1$",
		.read = oauth_password_read_django_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA1", .enough = 1.3e6, .limit = 1e7, .make = oauth_password_make_django
	},
	{
		.name = "pbkdf2_sha1", .prefix = "$pbkdf2$",
		.read = oauth_password_read_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA1", .enough = 1.3e6, .limit = 1e7
	},
	{
		.name = "pbkdf2_sha1", .prefix = "pbkdf2:sha1:",
		.read = oauth_password_read_werkzeug_pbkdf2, .derive = oauth_password_pbkdf2,
		.digest = "SHA1", .enough = 1.3e6, .limit = 1e7
	},
	{
		.name = "pbkdf2_sha1", .prefix = "{pbkdf2}",
		.read = oauth_password_read_spring_pbkdf2_old, .derive = oauth_password_pbkdf2,
		.digest = "SHA1", .enough = 1.3e6, .limit = 1e7, .make = oauth_password_make_spring
	},
	{
		.name = "aspnet_identity", .prefix = OAUTH_IDENTITY_PREFIX,
		.read = oauth_password_read_identity, .derive = oauth_password_pbkdf2,
		.enough = OAUTH_PBKDF2_SHA256_ENOUGH, .limit = 1e7
	},
	{
		.name = "aspnet_identity", .prefix = "",
		.read = oauth_password_read_identity_old, .derive = oauth_password_pbkdf2,
		.enough = OAUTH_PBKDF2_SHA256_ENOUGH, .limit = 1e7, .length = 68
	},
	{
		.name = "scrypt", .prefix = "scrypt$",
		.read = oauth_password_read_django_scrypt, .derive = oauth_password_scrypt,
		.enough = 655360, .limit = 1 << 22
	},
	{
		.name = "scrypt", .prefix = "$scrypt$",
		.read = oauth_password_read_scrypt, .derive = oauth_password_scrypt,
		.enough = 655360, .limit = 1 << 22
	},
	{
		.name = "scrypt", .prefix = "scrypt:",
		.read = oauth_password_read_werkzeug_scrypt, .derive = oauth_password_scrypt,
		.enough = 655360, .limit = 1 << 22
	},
	{
		.name = "scrypt", .prefix = "{scrypt}$",
		.read = oauth_password_read_spring_scrypt, .derive = oauth_password_scrypt,
		.enough = 655360, .limit = 1 << 22, .make = oauth_password_make_spring
	},
	{
		.name = "scrypt", .prefix = "{scrypt@SpringSecurity_v5_8}$",
		.read = oauth_password_read_spring_scrypt, .derive = oauth_password_scrypt,
		.enough = 655360, .limit = 1 << 22, .make = oauth_password_make_spring
	},
	{
		.name = "better_auth", .prefix = "",
		.read = oauth_password_read_better_auth, .derive = oauth_password_better_auth,
		.enough = 262144, .limit = 1 << 22, .length = 161
	},
	{
		.name = "argon2", .prefix = "argon2$argon2",
		.read = oauth_password_read_argon2, .derive = oauth_password_argon2,
		.enough = OAUTH_ARGON2_ENOUGH, .limit = 1 << 20, .make = oauth_password_make_django_argon2
	},
	{
		.name = "argon2", .prefix = "$argon2",
		.read = oauth_password_read_argon2, .derive = oauth_password_argon2,
		.enough = OAUTH_ARGON2_ENOUGH, .limit = 1 << 20, .make = oauth_password_make_argon2
	},
	{
		.name = "argon2", .prefix = "{argon2}$argon2",
		.read = oauth_password_read_argon2, .derive = oauth_password_argon2,
		.enough = OAUTH_ARGON2_ENOUGH, .limit = 1 << 20, .make = oauth_password_make_spring
	},
	{
		.name = "argon2", .prefix = "{argon2@SpringSecurity_v5_8}$argon2",
		.read = oauth_password_read_argon2, .derive = oauth_password_argon2,
		.enough = OAUTH_ARGON2_ENOUGH, .limit = 1 << 20, .make = oauth_password_make_spring
	},
	{
		.name = "sha256_crypt", .prefix = "$5$",
		.read = oauth_password_read_sha256_crypt, .derive = oauth_password_sha_crypt,
		.enough = OAUTH_SHA_CRYPT_ENOUGH, .limit = 1e6
	},
	{
		.name = "sha512_crypt", .prefix = "$6$",
		.read = oauth_password_read_sha512_crypt, .derive = oauth_password_sha_crypt,
		.enough = OAUTH_SHA_CRYPT_ENOUGH, .limit = 1e6
	},
	{
		.name = "scram-sha-256", .prefix = "SCRAM-SHA-256$",
		.read = oauth_password_read_scram, .derive = oauth_password_scram,
		.digest = "SHA256", .enough = 4096, .limit = 1e7
	},
	{
		.name = "crypt", .prefix = "crypt$$",
		.read = oauth_password_read_des, .derive = oauth_password_crypt,
		.enough = 1, .limit = 1, .is_legacy = true, .make = oauth_password_make_django
	},
	{
		.name = "sha1", .prefix = "sha1$",
		.read = oauth_password_read_django_digest, .derive = oauth_password_digest,
		.digest = "SHA1", .enough = 1, .limit = 1, .is_legacy = true,
		.make = oauth_password_make_django
	},
	{
		.name = "sha1", .prefix = "{SHA-1}",
		.read = oauth_password_read_spring_digest, .derive = oauth_password_spring_digest,
		.digest = "SHA1", .enough = 1, .limit = 1, .is_legacy = true,
		.make = oauth_password_make_spring
	},
	{
		.name = "sha256", .prefix = "{sha256}",
		.read = oauth_password_read_spring_sha256, .derive = oauth_password_spring_sha256,
		.digest = "SHA256", .enough = 1, .limit = 1, .is_legacy = true,
		.make = oauth_password_make_spring
	},
	{
		.name = "sha256", .prefix = "{SHA-256}",
		.read = oauth_password_read_spring_digest, .derive = oauth_password_spring_digest,
		.digest = "SHA256", .enough = 1, .limit = 1, .is_legacy = true,
		.make = oauth_password_make_spring
	},
	{
		.name = "md5", .prefix = "{MD5}",
		.read = oauth_password_read_spring_digest, .derive = oauth_password_spring_digest,
		.digest = "MD5", .enough = 1, .limit = 1, .is_legacy = true,
		.make = oauth_password_make_spring
	},
	{
		.name = "md5", .prefix = "md5$",
		.read = oauth_password_read_django_digest, .derive = oauth_password_digest,
		.digest = "MD5", .enough = 1, .limit = 1, .is_legacy = true,
		.make = oauth_password_make_django
	},
	{							/* matches anything, so it comes last */
		.name = "md5", .prefix = "",
		.read = oauth_password_read_bare_digest, .derive = oauth_password_digest,
		.digest = "MD5", .enough = 1, .limit = 1, .is_legacy = true
	}
};

/* Raises 22023 unless the name is auto or that of a scheme. */
void
oauth_password_check_scheme(const char *name)
{
	StringInfoData names;

	if (strcmp(name, ANY_SCHEME) == 0)
		return;
	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(schemes); i++)
	{
		if (strcmp(schemes[i].name, name) == 0)
			return;
		if (i == 0 || strcmp(schemes[i].name, schemes[i - 1].name) != 0)
			appendStringInfo(&names, "%s, ", schemes[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" is not a scheme of password hashes", name),
			 errhint("Schemes are %sand auto for whichever fits.", names.data)));
}

/*
 * The row of the scheme for a hash that begins like this one; with a name other than auto, only of
 * that scheme.
 */
static const Scheme *
find_scheme(const char *stored, const char *name)
{
	bool		any = strcmp(name, ANY_SCHEME) == 0;

	for (size_t i = 0; i < lengthof(schemes); i++)
		if ((any || strcmp(schemes[i].name, name) == 0) &&
			strncmp(stored, schemes[i].prefix, strlen(schemes[i].prefix)) == 0 &&
			(schemes[i].length == 0 || strlen(stored) == schemes[i].length))
			return &schemes[i];
	return NULL;
}

/* Django and /etc/shadow mark accounts without a password with '!'. */
static bool
is_no_password(const char *stored)
{
	return stored == NULL || stored[0] == '\0' || stored[0] == '!';
}

/* Takes the hash apart.  Returns why it cannot be used; NULL if it can. */
static const char *
read_hash(const char *stored, const char *name, bool allow_legacy, const Scheme **scheme,
		  OAuthPasswordHash *hash)
{
	*scheme = NULL;
	memset(hash, 0, sizeof(*hash));
	if (is_no_password(stored))
		return "no password is set";
	if (strlen(stored) > MAX_HASH_LENGTH)
		return "it is too long for a hash";
	if ((*scheme = find_scheme(stored, name)) == NULL)
		return "it is of another scheme";
	hash->digest = (*scheme)->digest;
	if (!(*scheme)->read(stored + strlen((*scheme)->prefix), hash))
	{
		if ((*scheme)->prefix[0] == '\0')
			*scheme = NULL;
		return *scheme ? "it is malformed" : "it has no form that is known";
	}
	if (hash->work > (*scheme)->limit || hash->space > MAX_SPACE)
		return "to compute it costs more than is allowed";
	return (*scheme)->is_legacy && !allow_legacy ?
		"its scheme is too weak, and has not been allowed" :
		NULL;
}

static bool
is_weak(const Scheme *scheme, const OAuthPasswordHash *hash)
{
	if (scheme->read == oauth_password_read_bcrypt)
		return hash->work < oauth_setting_bcrypt_cost || hash->variant == 'x';
	return scheme->is_legacy || hash->work < scheme->enough;
}

/* What can be said of a stored hash without the password.  scheme is auto or a known name. */
void
oauth_password_inspect(const char *stored, const char *scheme_name, bool allow_legacy,
					   OAuthPasswordInspection *look)
{
	const Scheme *scheme;
	OAuthPasswordHash hash;

	look->problem = read_hash(stored, scheme_name, allow_legacy, &scheme, &hash);
	look->scheme = scheme ? scheme->name : NULL;
	look->is_legacy = scheme != NULL && scheme->is_legacy;
	look->is_weak = look->problem == NULL ? is_weak(scheme, &hash) : look->is_legacy;
}

/* Whether this is the password of that hash.  A wrong password takes as long as the right one. */
OAuthPasswordVerdict
oauth_password_verify(const char *password, const char *stored, const char *scheme_name,
					  bool allow_legacy)
{
	const Scheme *scheme;
	OAuthPasswordHash hash;
	uint8		key[OAUTH_MAX_PASSWORD_KEY];
	bool		matches;

	if (read_hash(stored, scheme_name, allow_legacy, &scheme, &hash) != NULL)
		return OAUTH_PASSWORD_UNUSABLE;
	CHECK_FOR_INTERRUPTS();
	scheme->derive(password, &hash, key);
	matches = timingsafe_bcmp(key, hash.key, hash.key_length) == 0;
	oauth_wipe(key, sizeof(key));
	return matches ? OAUTH_PASSWORD_MATCHES : OAUTH_PASSWORD_WRONG;
}

/* A hash and what it costs. */
typedef struct PricedHash
{
	char	   *stored;
	const Scheme *scheme;
	double		work;
} PricedHash;

static int
compare_costs(const void *a, const void *b)
{
	const PricedHash *one = a;
	const PricedHash *other = b;

	if (one->scheme != other->scheme)
		return one->scheme < other->scheme ? -1 : 1;
	return one->work < other->work ? -1 : one->work > other->work;
}

/* The usable ones among the hashes, with those of one scheme and cost side by side. */
List *
oauth_password_by_cost(List *hashes, const char *scheme_name, bool allow_legacy)
{
	PricedHash *costs = palloc(sizeof(PricedHash) * Max(list_length(hashes), 1));
	size_t		n = 0;
	List	   *sorted = NIL;
	ListCell   *cell;

	foreach(cell, hashes)
	{
		OAuthPasswordHash hash;

		costs[n].stored = lfirst(cell);
		if (read_hash(costs[n].stored, scheme_name, allow_legacy, &costs[n].scheme, &hash) == NULL)
			costs[n++].work = hash.work;
	}
	qsort(costs, n, sizeof(PricedHash), compare_costs);
	for (size_t i = 0; i < n; i++)
		sorted = lappend(sorted, costs[i].stored);
	return sorted;
}

/* The table row of a readable hash, NULL for others. */
static const Scheme *
scheme_of(const char *stored, OAuthPasswordHash *hash)
{
	const Scheme *scheme;

	return read_hash(stored, ANY_SCHEME, true, &scheme, hash) == NULL ? scheme : NULL;
}

/* Whether new hashes can be made in that form. */
bool
oauth_password_can_be_renewed(const char *stored)
{
	OAuthPasswordHash hash;
	const Scheme *scheme = scheme_of(stored, &hash);

	return scheme != NULL && scheme->make != NULL;
}

/* A new hash of the password, in the form of the stored one; NULL if none can be made. */
char *
oauth_password_renew(const char *password, const char *stored)
{
	OAuthPasswordHash hash;
	const Scheme *scheme = scheme_of(stored, &hash);

	return scheme != NULL && scheme->make != NULL ? scheme->make(password, &hash) : NULL;
}

/*
 * oauth_check_password_hash(hash text, password text, scheme text, allow_legacy boolean)
 *		RETURNS TABLE (scheme text, usable boolean, weak boolean, matches boolean, reason text)
 */
Datum
oauth_check_password_hash(PG_FUNCTION_ARGS)
{
	char	   *stored = oauth_optional_argument(fcinfo, 0);
	char	   *password = oauth_optional_argument(fcinfo, 1);
	char	   *scheme = oauth_argument(fcinfo, 2, "scheme");
	bool		allow_legacy = oauth_flag_argument(fcinfo, 3);
	OAuthPasswordInspection look;
	OAuthResult row = {0};

	oauth_password_check_scheme(scheme);
	oauth_password_inspect(stored, scheme, allow_legacy, &look);
	oauth_row_text(&row, look.scheme);
	oauth_row_bool(&row, look.problem == NULL);
	oauth_row_bool(&row, look.is_weak);
	if (password == NULL || look.problem != NULL)
		oauth_row_null(&row);
	else
		oauth_row_bool(&row, oauth_password_verify(password, stored, scheme, allow_legacy) ==
					   OAUTH_PASSWORD_MATCHES);
	oauth_row_text(&row, look.problem);
	return oauth_row_return(fcinfo, &row);
}
