/*
 * jose.c
 *		A target of libFuzzer for extension/jose: bytes of strangers become JSON, base64url, a JWS, a
 *		key, a signature (`make fuzz`).
 *
 * The room is compiled as it is, and of the server only what it calls is here, as small as it can
 * be: memory that is freed after each input (so that LeakSanitizer sees what OpenSSL keeps), lists,
 * and no jsonb: a header is what the first bytes of the input say.  An error, which no input may
 * raise, aborts.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "jose/key.h"
#include "text/text.h"

#include <stdlib.h>

#include "utils/builtins.h"
#include "utils/memutils.h"

int			LLVMFuzzerTestOneInput(const uint8 *data, size_t size);
int			LLVMFuzzerInitialize(int *argc, char ***argv);

/* ---- kept_key.c: no key outlives an input ---- */

OAuthJwk *
oauth_key_kept(const OAuthJwsAlgorithm *algorithm, const uint8 *thumbprint)
{
	return NULL;
}

void
oauth_key_keep(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key)
{
}

/* ---- memory ---- */

MemoryContext CurrentMemoryContext;
MemoryContext TopMemoryContext;

typedef struct Chunk
{
	struct Chunk *next;
	size_t		size;
	max_align_t bytes[];
}			Chunk;

static Chunk * chunks;
static MemoryContextCallback *callbacks;

void *
palloc(Size size)
{
	Chunk	   *chunk = malloc(sizeof(Chunk) + size);

	chunk->next = chunks;
	chunk->size = size;
	chunks = chunk;
	return chunk->bytes;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

/* The old chunk stays until the input is done with. */
void *
repalloc(void *pointer, Size size)
{
	Chunk	   *old = (Chunk *) ((char *) pointer - offsetof(Chunk, bytes));

	return memcpy(palloc(size), pointer, Min(size, old->size));
}

void
pfree(void *pointer)
{
}

char *
pnstrdup(const char *text, Size length)
{
	char	   *copy = palloc0(strnlen(text, length) + 1);

	return memcpy(copy, text, strnlen(text, length));
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

void
MemoryContextRegisterResetCallback(MemoryContext context, MemoryContextCallback *callback)
{
	callback->next = callbacks;
	callbacks = callback;
}

static void
forget_everything(void)
{
	for (; callbacks != NULL; callbacks = callbacks->next)
		callbacks->func(callbacks->arg);
	while (chunks != NULL)
	{
		Chunk	   *next = chunks->next;

		free(chunks);
		chunks = next;
	}
}

/* ---- lists: of pointers, made once ---- */

List *
lappend(List *list, void *datum)
{
	int			n = list_length(list);
	List	   *longer = palloc0(sizeof(List));

	longer->type = T_List;
	longer->length = longer->max_length = n + 1;
	longer->elements = palloc((n + 1) * sizeof(ListCell));
	if (n > 0)
		memcpy(longer->elements, list->elements, n * sizeof(ListCell));
	longer->elements[n].ptr_value = datum;
	return longer;
}

List *
list_make1_impl(NodeTag type, ListCell datum)
{
	return lappend(NIL, datum.ptr_value);
}

/* ---- errors, which are none of an input's ---- */

bool
errstart(int level, const char *domain)
{
	abort();
}

pg_attribute_cold bool
errstart_cold(int level, const char *domain)
{
	abort();
}

#define NEVER(name) name { abort(); }

NEVER(void errfinish(const char *file, int line, const char *function))
NEVER(int errcode(int code))
NEVER(int errmsg(const char *format,...))
NEVER(int errmsg_internal(const char *format,...))
NEVER(int errhint(const char *format,...))
NEVER(int errdetail(const char *format,...))

/* ---- jsonb: an object whose alg, kid, typ and one more member the input says ---- */

static Jsonb object;
static const char *alg;
static const char *extra;

Datum
jsonb_in(PG_FUNCTION_ARGS)
{
	return PointerGetDatum(&object);
}

Datum
DirectFunctionCall1Coll(PGFunction function, Oid collation, Datum argument)
{
	return PointerGetDatum(&object);
}

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	return datum;
}

JsonbValue *
getKeyJsonValueFromContainer(JsonbContainer * container, const char *name, int length,
							 JsonbValue *result)
{
	JsonbValue *value = palloc0(sizeof(JsonbValue));

	if (strcmp(name, "alg") == 0)
		*value = (JsonbValue) {.type = jbvString, .val.string = {strlen(alg), unconstify(char *, alg)}};
	else if (strcmp(name, extra) == 0)
		*value = (JsonbValue) {.type = jbvString, .val.string = {1, "x"}};
	else
		return NULL;
	return value;
}

NEVER(JsonbValue *getIthJsonbValueFromContainer(JsonbContainer * container, uint32 n))
NEVER(Jsonb *JsonbValueToJsonb(JsonbValue *value))
NEVER(void escape_json(StringInfo json, const char *text))

/* ---- the target ---- */

static List *algorithms;
static OAuthJwk *keys[4];
static MemoryContextCallback *kept;

/* What was made so far stays. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8 secret[32];

	keys[0] = oauth_jwk_generate("RS256");
	keys[1] = oauth_jwk_generate("ES256");
	keys[2] = oauth_jwk_generate("EdDSA");
	keys[2]->alg = NULL;
	keys[3] = oauth_jwk_secret(secret, sizeof(secret));
	keys[0]->alg = NULL;
	algorithms = lappend(oauth_jws_algorithms(), "HS256");
	kept = callbacks;
	callbacks = NULL;
	chunks = NULL;
	return 0;
}

static void
read_json(const char *text, int length)
{
	oauth_json_problem(text, length);
}

/* What was decoded has one spelling. */
static void
read_base64url(const char *text, int length)
{
	int			decoded_length;
	uint8	   *decoded = oauth_base64url_decode(text, length, &decoded_length);

	if (decoded != NULL && (strlen(oauth_base64url(decoded, decoded_length)) != (size_t) length ||
							memcmp(oauth_base64url(decoded, decoded_length), text, length) != 0))
		abort();
}

/* A token whose header has that alg; nobody has signed it. */
static void
read_token(const char *token, int length)
{
	OAuthJwsPolicy policy = {.algorithms = algorithms};
	OAuthJws	jws;

	for (size_t i = 0; i < lengthof(keys); i++)
		policy.keys = lappend(policy.keys, keys[i]);
	if (oauth_jws_verify(token, length, &policy, &jws) == NULL)
		abort();
}

/* A signature of nobody, however it is spelled. */
static void
read_signature(const char *bytes, int length)
{
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(alg);

	for (size_t i = 0; i < lengthof(keys) && algorithm != NULL; i++)
		if (oauth_jwk_fits(keys[i], algorithm) &&
			oauth_signature_holds(algorithm, keys[i], "input", 5, (const uint8 *) bytes, length))
			abort();
}

/* The numbers of a key, and a signature of zeros under the key that they make. */
static void
read_key(const char *bytes, int length)
{
	static const uint8 zeros[96];
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(alg);
	OAuthKeyNumber first = {(const uint8 *) bytes, length / 2};
	OAuthKeyNumber second = {(const uint8 *) bytes + length / 2, length - length / 2};
	OAuthJwk   *key;
	const char *problem = "";

	if (algorithm == NULL || algorithm->kty == OAUTH_KTY_OCT)
		return;
	key = oauth_key_new(algorithm->kty);
	if (algorithm->kty == OAUTH_KTY_RSA)
		problem = oauth_key_set_rsa(key, first, second);
	else if (algorithm->kty == OAUTH_KTY_EC)
		problem = oauth_key_set_ec(key, algorithm->crv, first, second);
	else
		problem = oauth_key_set_okp(key, (OAuthKeyNumber) {(const uint8 *) bytes, length});
	if (problem == NULL &&
		oauth_signature_holds(algorithm, key, "input", 5, zeros, 2 * algorithm->number_length))
		abort();
}

static void
read_pem(const char *text, int length)
{
	const char *problem;

	oauth_jwk_from_pem(pnstrdup(text, length), &problem);
}

/* The first three bytes choose: what is read, the alg, a member of the header. */
int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	static void (*const readers[]) (const char *, int) = {read_json, read_base64url, read_token,
	read_signature, read_key, read_pem};
	static const char *const algs[] = {"RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "EdDSA",
	"Ed25519", "HS256", "none", ""};
	static const char *const members[] = {"", "", "", "kid", "crit", "jwk", "b64", "x5c"};

	if (size < 3)
		return 0;
	alg = algs[data[1] % lengthof(algs)];
	extra = members[data[2] % lengthof(members)];
	SET_VARSIZE(&object, sizeof(object));
	object.root.header = JB_FOBJECT;
	readers[data[0] % lengthof(readers)] ((const char *) data + 3, (int) size - 3);
	forget_everything();
	return 0;
}
