-- oauth--0.9--0.1.sql: refuses ALTER EXTENSION oauth UPDATE TO '0.1' in a database of 0.9.
-- SPDX-License-Identifier: PostgreSQL
--
-- What 0.9 added would be lost.  Without this script PostgreSQL would say that there is no path, and not what helps.

\echo Use "ALTER EXTENSION oauth UPDATE" to load this file. \quit

DO $refuse$
BEGIN
	RAISE EXCEPTION 'extension "oauth" cannot go back from version 0.9 to 0.1'
		USING ERRCODE = 'feature_not_supported',
			HINT = 'Restore the backup that was made before the update, with the library of 0.1.';
END
$refuse$;
