-- privileges.sql: the end of the install script, and of every upgrade script.
-- SPDX-License-Identifier: PostgreSQL
--
-- Default privileges of whoever runs the script, global ones or of a schema, have given rights on what it created.

SELECT @extschema@._oauth_revoke_default_privileges();
