/*
 * application_username.c
 *		The names of the application's users, for the views of administrators: the foreign table
 *		oauth.own_username.
 *
 * A view reads tables with the rights of its owner, but calls functions with those of the user who
 * queries it.  So the names are a table here, and SELECT on a view is the only right needed.  The
 * views read it by subject:
 *
 * (SELECT o.username FROM oauth.own_username o WHERE o.subject = g.subject)
 *
 * This runs only for the rows that are shown, only if the column is queried, and once for each
 * subject of a statement.  The application's table is read as its owner (user/relation.c).  If that
 * fails there are no names, and a warning says why: administrators query these views to find out
 * what is wrong.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "user/user.h"

#include "access/xact.h"
#include "catalog/pg_operator_d.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "foreign/fdwapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/pathnode.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(oauth_own_username_handler);

#define MAX_REMEMBERED 100000
#define COST_OF_A_NAME 1.0

/* A subject of this statement and its name; NULL if it has none. */
typedef struct KnownName
{
	const char *subject;
	char	   *username;
} KnownName;

typedef struct NameScan
{
	ExprState  *subject;
	HTAB	   *names;
	bool		is_read;		/* the one row of this subject */
	bool		has_failed;		/* the application's table is not read again */
} NameScan;

/* ---- the plan ---- */

/*
 * At most one row.  Names are looked up in savepoints, which a query with parallel workers cannot
 * have.
 */
static void
get_size(PlannerInfo * root, RelOptInfo * rel, Oid table)
{
	rel->rows = 1;
	root->glob->parallelModeOK = false;
}

static void
get_paths(PlannerInfo * root, RelOptInfo * rel, Oid table)
{
	add_path(rel, (Path *) create_foreignscan_path(root, rel, NULL, rel->rows,
#if PG_VERSION_NUM >= 180000
												   0,
#endif
												   0, COST_OF_A_NAME, NIL,
												   rel->lateral_relids, NULL,
#if PG_VERSION_NUM >= 170000
												   NIL,
#endif
												   NIL));
}

/* Whether it is the column subject, which is the first. */
static bool
is_subject(Node *node, Index relation)
{
	const		Var *var = (const Var *) strip_implicit_coercions(node);

	return IsA(var, Var) && var->varno == (int) relation && var->varattno == 1 &&
		var->varlevelsup == 0;
}

/* The value that the condition compares the subject with, or NULL. */
static Expr *
equal_to_subject(Node *clause, Index relation)
{
	const		OpExpr *equality = (const OpExpr *) clause;

	if (!IsA(clause, OpExpr) || equality->opno != TextEqualOperator)
		return NULL;
	if (is_subject(linitial(equality->args), relation))
		return lsecond(equality->args);
	return is_subject(lsecond(equality->args), relation) ? linitial(equality->args) : NULL;
}

static ForeignScan *
get_plan(PlannerInfo * root, RelOptInfo * rel, Oid table, ForeignPath * path, List *targets,
		 List *clauses, Plan * outer)
{
	List	   *conditions = extract_actual_clauses(clauses, false);
	Expr	   *subject = NULL;
	ListCell   *cell;

	foreach(cell, conditions)
		if (subject == NULL)
			subject = equal_to_subject(lfirst(cell), rel->relid);
	if (subject == NULL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("oauth.own_username is read by subject"),
						errhint("SELECT username FROM oauth.own_username WHERE subject = '42'; the "
								"views oauth.token_overview, "
								"oauth.session_overview and oauth.recent_event show the names.")));
	return make_foreignscan(targets, conditions, rel->relid, list_make1(subject), NIL, NIL, NIL,
							outer);
}

/* ---- finding a name ---- */

static uint32
hash_subject(const void *key, Size size)
{
	const char *subject = *(const char *const *) key;

	return hash_bytes((const unsigned char *) subject, strlen(subject));
}

static int
compare_subjects(const void *one, const void *other, Size size)
{
	return strcmp(*(const char *const *) one, *(const char *const *) other);
}

static HTAB *
make_names(MemoryContext context)
{
	HASHCTL		control = {.keysize = sizeof(const char *),
		.entrysize = sizeof(KnownName),
		.hash = hash_subject,
		.match = compare_subjects,
		.hcxt = context};

	return hash_create("names of subjects", 256, &control,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/*
 * Runs as a function of the extension does, with the rights of the owner of its tables.
 */
static char *
find_as_owner(Oid owner, const char *subject)
{
	OAuthOneself oneself = oauth_become_owner(owner, false);
	char	   *username = oauth_username(subject);

	oauth_become_oneself(&oneself);
	return username;
}

/* A lookup that may fail. */
typedef struct Attempt
{
	Oid			owner;
	const char *subject;
	char	   *username;
} Attempt;

static void
attempt(void *argument)
{
	Attempt    *a = argument;

	a->username = find_as_owner(a->owner, a->subject);
}

static void
warn(const ErrorData *error)
{
	ereport(WARNING, (errcode(error->sqlerrcode),
					  errmsg("the names of users cannot be shown: %s", error->message),
					  error->detail ? errdetail("%s", error->detail) : 0,
					  errhint("SELECT * FROM oauth.user_source; says where the application's users "
							  "are looked for.")));
}

/*
 * Looks the name up in a savepoint: an error of the application becomes a warning, and is undone.
 * If an earlier part of the query was planned for parallel workers, there are no savepoints.
 */
static char *
try_to_find(NameScan *scan, Oid owner, const char *subject)
{
	Attempt		one = {.owner = owner, .subject = subject};
	ErrorData  *error;

	if (IsInParallelMode())
		return find_as_owner(owner, subject);
	error = oauth_try(attempt, &one, true);
	if (error == NULL)
		return one.username;
	if (oauth_error_is_of_server(error->sqlerrcode))
		ReThrowError(error);
	warn(error);
	scan->has_failed = true;
	return NULL;
}

/* The name of the subject, looked up once for a statement. */
static char *
name_of(NameScan *scan, const ForeignScanState * node, const char *subject)
{
	MemoryContext caller = MemoryContextSwitchTo(node->ss.ps.state->es_query_cxt);
	Oid			owner = node->ss.ss_currentRelation->rd_rel->relowner;
	KnownName  *name = hash_search(scan->names, &subject, HASH_FIND, NULL);
	char	   *username = name ? name->username : NULL;

	if (name == NULL && !scan->has_failed)
	{
		username = try_to_find(scan, owner, subject);
		if (hash_get_num_entries(scan->names) < MAX_REMEMBERED)
		{
			subject = pstrdup(subject);
			name = hash_search(scan->names, &subject, HASH_ENTER, NULL);
			name->username = username;
		}
	}
	MemoryContextSwitchTo(caller);
	return username;
}

/* ---- the scan ---- */

static void
begin_scan(ForeignScanState * node, int flags)
{
	const		ForeignScan *plan = (const ForeignScan *) node->ss.ps.plan;
	NameScan   *scan;

	if (flags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	scan = palloc0(sizeof(NameScan));
	scan->subject = ExecInitExpr(linitial(plan->fdw_exprs), &node->ss.ps);
	scan->names = make_names(node->ss.ps.state->es_query_cxt);
	node->fdw_state = scan;
}

static TupleTableSlot *
iterate(ForeignScanState * node)
{
	TupleTableSlot *slot = ExecClearTuple(node->ss.ss_ScanTupleSlot);
	NameScan   *scan = node->fdw_state;
	bool		is_null;
	Datum		subject;
	char	   *username;

	if (scan->is_read)
		return slot;
	scan->is_read = true;
	subject = ExecEvalExprSwitchContext(scan->subject, node->ss.ps.ps_ExprContext, &is_null);
	if (is_null || (username = name_of(scan, node, TextDatumGetCString(subject))) == NULL)
		return slot;
	slot->tts_values[0] = subject;
	slot->tts_values[1] = CStringGetTextDatum(username);
	slot->tts_isnull[0] = slot->tts_isnull[1] = false;
	return ExecStoreVirtualTuple(slot);
}

static void
begin_again(ForeignScanState * node)
{
	((NameScan *) node->fdw_state)->is_read = false;
}

static void
end_scan(ForeignScanState * node)
{
}

/* _oauth_own_username_handler() RETURNS fdw_handler */
Datum
oauth_own_username_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = get_size;
	routine->GetForeignPaths = get_paths;
	routine->GetForeignPlan = get_plan;
	routine->BeginForeignScan = begin_scan;
	routine->IterateForeignScan = iterate;
	routine->ReScanForeignScan = begin_again;
	routine->EndForeignScan = end_scan;
	PG_RETURN_POINTER(routine);
}
