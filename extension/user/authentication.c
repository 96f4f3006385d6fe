/*
 * authentication.c
 *		How strongly somebody logged in: the Authentication Context Class References (acr) that
 *		there are here (OpenID Connect Core, section 2).
 *
 * Those of the built-in login are ordered, and the stronger one does where the weaker one is asked
 * for.  An application that logs people in may use names of its own, each of which stands for
 * itself.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "user/user.h"

/* From the weakest to the strongest. */
static const char *const levels[] = {OAUTH_ACR_PASSWORD, OAUTH_ACR_TWO_FACTORS};

/*
 * Those that a login can reach, space-separated: acr_values_supported (OpenID Connect Discovery,
 * section 3).
 */
const char *
oauth_acr_values(void)
{
	StringInfoData values;

	initStringInfo(&values);
	for (size_t i = 0; i < lengthof(levels); i++)
		if (i == 0 || oauth_setting_second_factor != OAUTH_SECOND_FACTOR_OFF)
			appendStringInfo(&values, "%s%s", i > 0 ? " " : "", levels[i]);
	return values.data;
}

/* How strong it is; -1 for a name of the application's. */
static int
level_of(const char *acr)
{
	for (size_t i = 0; i < lengthof(levels); i++)
		if (strcmp(levels[i], acr) == 0)
			return i;
	return -1;
}

/* Whether a login of that strength, NULL for unknown, is the wanted one or a stronger one. */
bool
oauth_acr_satisfies(const char *acr, const char *wanted)
{
	if (acr == NULL)
		return false;
	return strcmp(acr, wanted) == 0 || (level_of(wanted) >= 0 && level_of(acr) > level_of(wanted));
}
