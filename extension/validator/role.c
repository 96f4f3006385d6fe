/*
 * role.c
 *		Roles that a token must not log in as: superusers, and who can become one.
 *
 * Before a database is chosen, the catalogs of roles can be read already: the server itself looks
 * up who is a member of what for pg_hba.conf.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "validator/validator.h"

#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

/* A member of one of these reads or writes the files of the server, or runs programs as it. */
static const Oid predefined[] = {
	ROLE_PG_EXECUTE_SERVER_PROGRAM, ROLE_PG_WRITE_SERVER_FILES, ROLE_PG_READ_SERVER_FILES
};

static bool
is_as_good(Oid role)
{
	for (size_t i = 0; i < lengthof(predefined); i++)
		if (role == predefined[i])
			return true;
	return superuser_arg(role);
}

/* The roles that this one is a member of. */
static List *
add_roles_of(List *roles, Oid role)
{
	CatCList   *memberships = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(role));

	for (int i = 0; i < memberships->n_members; i++)
	{
		HeapTuple	tuple = &memberships->members[i]->tuple;

		roles = list_append_unique_oid(roles, ((Form_pg_auth_members) GETSTRUCT(tuple))->roleid);
	}
	ReleaseSysCacheList(memberships);
	return roles;
}

/*
 * Why the role is too powerful for a token, as the log says it; NULL: it is not, or there is no
 * such role, of which the server speaks later.
 */
const char *
oauth_role_is_powerful(const char *role)
{
	Oid			oid = get_role_oid(role, true);
	List	   *roles = NIL;

	if (!OidIsValid(oid))
		return NULL;
	if (superuser_arg(oid))
		return "the role is a superuser";
	roles = list_make1_oid(oid);
	for (int i = 0; i < list_length(roles); i++)
	{
		Oid			each = list_nth_oid(roles, i);

		if (is_as_good(each))
			return psprintf("the role is a member of \"%s\", and so as good as a superuser",
							GetUserNameFromId(each, false));
		roles = add_roles_of(roles, each);
	}
	return NULL;
}
