-- privileges.sql: the end of the install script, and of every upgrade script.
-- SPDX-License-Identifier: PostgreSQL
--
-- Revokes what default privileges of the role that runs the script, global ones or of a schema, gave on its objects.

SELECT @extschema@._oauth_revoke_default_privileges();
