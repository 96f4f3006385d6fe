-- checks.sql: what a careful operator would change; oauth_check() puts the findings together.
-- SPDX-License-Identifier: PostgreSQL
--
-- Each view is one kind of finding, and has no row if there is nothing to change.  A remedy is one statement to paste,
-- or says in a comment what only people can know.  Names are qualified and quoted by the casts to regclass and
-- regprocedure where search_path is pinned, as it is in oauth_check().  The views are for the owner of the extension
-- alone.  Calling oauth_settings() loads the library, without which its settings do not exist.

-- Who runs the endpoint functions: the shim, and an application that does without one.
CREATE VIEW oauth.shim_role AS
	SELECT r.oid, r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication
	FROM pg_catalog.pg_roles r
	WHERE r.rolcanlogin
		AND EXISTS (SELECT FROM pg_catalog.pg_proc p, aclexplode(p.proacl) a
		WHERE p.oid = 'oauth.token(oauth.http_request)'::regprocedure AND a.grantee <> 0
		AND a.grantee <> p.proowner
		AND (a.grantee = r.oid OR NOT r.rolsuper AND pg_has_role(r.oid, a.grantee, 'USAGE')));
REVOKE ALL ON oauth.shim_role FROM PUBLIC;
COMMENT ON VIEW oauth.shim_role IS 'Roles that may run the endpoint functions, as the shim does';

-- The functions that PUBLIC may execute: they read and write no table of ours, or only what belongs to who calls
-- them.  The library has the same list (store/statement.h), for the end of each script; sql/privileges.sql compares.
CREATE VIEW oauth.public_function (name) AS
	VALUES ('oauth_authenticate'), ('oauth_authenticate_request'), ('oauth_subject'), ('oauth_client'),
		('oauth_scope'), ('oauth_has_scope'), ('oauth_signature_base_string'), ('oauth_signature'),
		('oauth_verify_signature');
REVOKE ALL ON oauth.public_function FROM PUBLIC;
COMMENT ON VIEW oauth.public_function IS 'Functions that everybody may execute';

-- Who else may execute a function that is not for PUBLIC.  Delegated are those that a guide hands out to roles of
-- applications and administrators (docs/administration.md, install.md, login.md, monitoring/README.md, tokens.md;
-- 060_privileges.pl runs what the guides say).  A role is reached if a user who is not a superuser can log in and
-- use it.
CREATE VIEW oauth.function_grant AS
	SELECT r.rolname, r.rolsuper, a.grantor, a.is_grantable, p.proowner AS owner, p.oid AS function, p.proname,
		p.pronamespace <> 'oauth'::regnamespace AS is_api,
		p.proname IN ('oauth_issue_token', 'oauth_exchange_token', 'oauth_verify_token',
		'oauth_introspect_token', 'oauth_revoke_token', 'oauth_revoke_subject', 'oauth_revoke_client',
			'oauth_end_session', 'oauth_terminate_sessions', '_oauth_database_sessions',
			'oauth_register_client', 'oauth_register_client_metadata', 'oauth_update_client',
			'oauth_rotate_client_secret', 'oauth_disable_client', 'oauth_enable_client', 'oauth_delete_client',
			'oauth_authorization_details', 'oauth_challenge', 'oauth_explain_request', 'oauth_login_request', 'oauth_accept_login', 'oauth_accept_consent',
			'oauth_deny', 'oauth_status', 'oauth_settings', 'oauth_check',
			'oauth_purge_expired') AS is_delegated, EXISTS (SELECT
		FROM oauth.shim_role s
		WHERE s.oid = r.oid) AS is_shim, EXISTS (SELECT
		FROM oauth.shim_role s
		WHERE pg_has_role(s.oid, r.oid, 'USAGE')) AS is_shims, EXISTS (SELECT
		FROM pg_catalog.pg_roles l
		WHERE l.rolcanlogin AND NOT l.rolsuper AND pg_has_role(l.oid, r.oid, 'MEMBER')) AS is_reached
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	JOIN pg_catalog.pg_proc p ON p.oid = d.objid
	CROSS JOIN LATERAL aclexplode(p.proacl) a
	JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
	WHERE e.extname = 'oauth' AND a.grantee <> p.proowner
		AND NOT p.proname IN (SELECT f.name FROM oauth.public_function f);
REVOKE ALL ON oauth.function_grant FROM PUBLIC;
COMMENT ON VIEW oauth.function_grant IS 'Rights on functions of the extension that somebody granted';

-- oauth.issuer is missing or not https.
CREATE VIEW oauth.check_issuer (severity, subject, finding, remedy) AS
	SELECT CASE WHEN i.issuer ~ E'^http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:|/|$)' THEN 'low' ELSE 'high'
		END,
		'oauth.issuer', CASE WHEN i.issuer = '' THEN 'not set: no metadata, no logins at /oauth2/authorize'
		ELSE 'not https: ' || i.issuer END,
		format('ALTER DATABASE %I SET oauth.issuer = %L;  -- the URL that clients know',
		current_database(), CASE WHEN i.issuer = '' THEN 'https://id.example.com'
		ELSE regexp_replace(i.issuer, '^http:', 'https:') END)
	FROM (SELECT coalesce(current_setting('oauth.issuer', true), '') AS issuer) i
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND i.issuer !~ '^https://';
REVOKE ALL ON oauth.check_issuer FROM PUBLIC;
COMMENT ON VIEW oauth.check_issuer IS 'oauth.issuer is missing or not https';

-- Settings that weaken the provider or the server.
CREATE VIEW oauth.check_setting (severity, subject, finding, remedy) AS
	SELECT v.severity, s.name, v.finding || ' (' || current_setting(s.name)
		|| ')', CASE
		WHEN s.context IN ('postmaster',
		'sighup') THEN format('ALTER SYSTEM SET %s = %L; SELECT pg_reload_conf();', s.name, v.safe)
		WHEN s.source IN ('session', 'client') THEN format('SET %s = %L;', s.name, v.safe)
		WHEN s.source = 'user' THEN format('ALTER ROLE %I RESET %s;', session_user, s.name)
		WHEN s.source = 'database user' THEN format('ALTER ROLE %I IN DATABASE %I RESET %s;', session_user,
		current_database(), s.name)
		ELSE format('ALTER DATABASE %I SET %s = %L;', current_database(), s.name, v.safe) END
	FROM pg_catalog.pg_settings s
	JOIN (VALUES
		('high', 'fsync', 'off', 0, 0, 'on', 'a crash of the machine can damage the database'),
		('high', 'full_page_writes', 'off', 0, 0, 'on', 'a crash of the machine can damage the database'),
		('medium', 'synchronous_commit', 'off', 0, 0, 'on', 'a crash can undo a revocation that was answered'),
		('medium', 'oauth.registration', 'open', 0, 0, 'token', 'anybody may register clients'),
		('medium', 'oauth.access_token_lifetime', NULL, 0, 86400, '1 d', 'longer than a day'),
		('low', 'oauth.refresh_token_lifetime', NULL, 0, 90 * 86400, '30 d', 'longer than 90 days'),
		('medium', 'oauth.signing_key_lead', NULL, 3600, 2147483647, '1 d',
			'a new key signs before who keeps the key set has it'),
		('low', 'oauth.signing_key_lifetime', NULL, 0, 366 * 86400, '90 d',
			'a key signs for longer than a year'),
		('low', 'oauth.session_lifetime', NULL, 0, 30 * 86400, '12 h', 'longer than 30 days'),
		('low', 'oauth.refresh_grace', NULL, 0, 60, '10 s',
			'a stolen refresh token works beside the real one for long'),
		('low', 'oauth.timestamp_window', NULL, 0, 600, '300 s', 'signed requests stay good for long'),
		('medium', 'oauth.failed_attempts', NULL, 1, 10000, '10',
			'passwords and secrets can be guessed without waiting'),
		('low', 'oauth.registration_rate', NULL, 1, 1000000, '100',
			'one address may register any number of clients'),
		('low', 'oauth.registration_limit', NULL, 1, 2147483647, '10000',
			'clients that nobody uses are kept in any number'),
		('low', 'oauth.device_rate', NULL, 1, 1000000, '600',
			'one address may ask for any number of device codes'),
		('low', 'oauth.pushed_request_rate', NULL, 1, 1000000, '3600',
			'one address may have any number of requests kept'),
		('low', 'oauth.delivery_rate', NULL, 1, 600, '60',
			'strangers may have one host sent many messages, by clients that they register'),
		('low', 'oauth.event_retention', NULL, 1, 2147483647, '90 d', 'no audit log is kept'),
		('medium', 'oauth.bcrypt_cost', NULL, 10, 14, '10', 'too little work for who guesses passwords'),
		('medium', 'oauth.rsa_min_bits', NULL, 2048, 16384, '2048', 'short RSA keys are taken'),
		('medium', 'log_statement', 'all', 0, 0, 'none',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'log_min_duration_statement', NULL, 1000, 2147483647, '-1',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'log_min_duration_sample', NULL, 1000, 2147483647, '-1',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'log_transaction_sample_rate', NULL, 0, 0, '0',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'auto_explain.log_min_duration', NULL, 1000, 2147483647, '-1',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'debug_print_parse', 'on', 0, 0, 'off',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'debug_print_rewritten', 'on', 0, 0, 'off',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'debug_print_plan', 'on', 0, 0, 'off',
			'what is written into statements, passwords too, goes to the log'),
		('low', 'pg_stat_statements.track_utility', 'on', 0, 0, 'off',
			'keeps utility statements with the passwords in them')
	) v (severity, name, bad, lowest, highest, safe, finding) ON v.name = s.name
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND CASE WHEN v.bad IS NOT NULL THEN s.setting = v.bad ELSE s.setting::float8 <> -1
		AND s.setting::float8 NOT BETWEEN v.lowest AND v.highest END;
REVOKE ALL ON oauth.check_setting FROM PUBLIC;
COMMENT ON VIEW oauth.check_setting IS 'Settings that weaken the provider or the server';

-- The path of the master key file can be seen before the library is loaded.
CREATE VIEW oauth.check_key_file_shown (severity, subject, finding, remedy) AS
	SELECT 'low', 'session_preload_libraries',
		'anybody may see where the master key file is: SHOW oauth.master_key_file in a session that has not '
		'loaded the library yet',
		format('ALTER SYSTEM SET session_preload_libraries = %s; SELECT pg_reload_conf();',
		(SELECT string_agg(quote_literal(l), ', ' ORDER BY n)
		FROM (SELECT trim(BOTH ' "' FROM l),
			n
			FROM regexp_split_to_table(current_setting('session_preload_libraries'), ',') WITH ORDINALITY v (l,
				n)
			UNION ALL SELECT 'oauth', 1000000) v (l, n)
		WHERE l <> '')) FROM pg_catalog.pg_settings s
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND s.name = 'oauth.master_key_file' AND s.setting <> s.boot_val
		AND NOT EXISTS (SELECT
		FROM regexp_split_to_table(current_setting('session_preload_libraries') || ','
			|| current_setting('shared_preload_libraries'), ',') l
		WHERE trim(BOTH ' "' FROM l) ~ '^([$]libdir/)?oauth$');
REVOKE ALL ON oauth.check_key_file_shown FROM PUBLIC;
COMMENT ON VIEW oauth.check_key_file_shown IS 'The path of the master key file can be seen before the library is '
	'loaded';

-- The server listens on the network without TLS.
CREATE VIEW oauth.check_tls (severity, subject, finding, remedy) AS
	SELECT 'medium', 'ssl', 'the server listens on ' || current_setting('listen_addresses') || ' without TLS',
		'ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf();  -- with server.crt and server.key in place'
	WHERE current_setting('ssl') = 'off'
		AND EXISTS (SELECT FROM regexp_split_to_table(current_setting('listen_addresses'), ' *, *') h
		WHERE h NOT IN ('', 'localhost', '127.0.0.1', '::1'));
REVOKE ALL ON oauth.check_tls FROM PUBLIC;
COMMENT ON VIEW oauth.check_tls IS 'The server listens on the network without TLS';

-- The library is newer or older than the extension.
CREATE VIEW oauth.check_version (severity, subject, finding, remedy) AS
	SELECT CASE WHEN v.is_older THEN 'high' ELSE 'medium' END, 'extension oauth',
		format('is %s, and %s is installed', e.extversion, a.default_version),
		CASE WHEN v.is_older THEN '-- install version ' || e.extversion || ' of the library again'
			ELSE 'ALTER EXTENSION oauth UPDATE;' END
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname
	CROSS JOIN LATERAL (SELECT pg_catalog.string_to_array(a.default_version, '.')::integer[]
		< pg_catalog.string_to_array(e.extversion, '.')::integer[] AS is_older) v
	WHERE e.extname = 'oauth' AND a.default_version <> e.extversion;
REVOKE ALL ON oauth.check_version FROM PUBLIC;
COMMENT ON VIEW oauth.check_version IS 'The library is newer or older than the extension';

-- Functions that PUBLIC may execute and should not.
CREATE VIEW oauth.check_public_function (severity, subject, finding, remedy) AS
	SELECT 'high', p.oid::regproc::text, 'everybody may execute it',
		format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC;', p.oid::regprocedure)
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	JOIN pg_catalog.pg_proc p ON p.oid = d.objid
	CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
	WHERE e.extname = 'oauth' AND a.grantee = 0
		AND NOT p.proname IN (SELECT f.name FROM oauth.public_function f)
	ORDER BY p.proname;
REVOKE ALL ON oauth.check_public_function FROM PUBLIC;
COMMENT ON VIEW oauth.check_public_function IS 'Functions that PUBLIC may execute and should not';

-- Privileges on tables and views of the extension.
CREATE VIEW oauth.check_table_privilege (severity, subject, finding, remedy) AS
	SELECT CASE WHEN bool_and(a.privilege_type = 'SELECT') AND a.grantee <> 0 THEN 'medium' ELSE 'high' END,
		c.oid::regclass::text, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee))
		END || ' may ' || string_agg(DISTINCT a.privilege_type, ', '),
		format('REVOKE ALL ON %s FROM %s%s;',
		c.oid::regclass, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee))
		END, CASE WHEN bool_or(a.is_grantable) THEN ' CASCADE' END)
	FROM pg_catalog.pg_class c
	CROSS JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) UNION ALL SELECT x.* FROM pg_catalog.pg_attribute t,
		aclexplode(t.attacl) x WHERE t.attrelid = c.oid) a
	WHERE c.relnamespace = 'oauth'::regnamespace AND a.grantee <> c.relowner
		AND NOT (c.relkind = 'v' AND a.privilege_type = 'SELECT' AND a.grantee <> 0 AND NOT a.is_grantable)
	GROUP BY c.oid, a.grantee
	ORDER BY c.oid::regclass::text, a.grantee;
REVOKE ALL ON oauth.check_table_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_table_privilege IS 'Privileges on tables and views of the extension';

-- Roles that may put objects beside those of the extension.
CREATE VIEW oauth.check_schema_privilege (severity, subject, finding, remedy) AS
	SELECT 'high', 'schema '
		|| n.nspname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
		|| ' may create objects there',
		format('REVOKE CREATE ON SCHEMA %I FROM %s;',
		n.nspname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
	FROM pg_catalog.pg_namespace n
	CROSS JOIN LATERAL aclexplode(n.nspacl) a
	LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
	WHERE (n.nspname = 'oauth'
		OR n.oid = (SELECT extnamespace FROM pg_catalog.pg_extension WHERE extname = 'oauth'))
			AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner AND NOT coalesce(r.rolsuper, false)
			AND coalesce(r.rolname, '') <> 'pg_database_owner' AND a.grantee <> (SELECT d.datdba
		FROM pg_catalog.pg_database d
		WHERE d.datname = current_database());
REVOKE ALL ON oauth.check_schema_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_schema_privilege IS 'Roles that may put objects beside those of the extension';

-- Roles that reach the key file or the tables through a predefined role.
CREATE VIEW oauth.check_predefined_role (severity, subject, finding, remedy) AS
	SELECT 'medium', 'role ' || m.member::regrole, v.finding,
		format('REVOKE %s FROM %s;', v.role, m.member::regrole)
	FROM (VALUES
		('pg_write_all_data', 'may write tokens'),
		('pg_read_server_files', 'may read the master key file'),
		('pg_write_server_files', 'may replace the master key file'),
		('pg_execute_server_program', 'may read the master key file')
	) v (role, finding)
	JOIN pg_catalog.pg_roles g ON g.rolname = v.role
	JOIN pg_catalog.pg_auth_members m ON m.roleid = g.oid
	JOIN pg_catalog.pg_roles r ON r.oid = m.member
	WHERE NOT r.rolsuper
	GROUP BY m.member, r.rolname, v.role, v.finding
	ORDER BY r.rolname, v.role;
REVOKE ALL ON oauth.check_predefined_role FROM PUBLIC;
COMMENT ON VIEW oauth.check_predefined_role IS 'Roles that reach the key file or the tables through a predefined role';

-- Attributes of the shim's role that it does not need.
CREATE VIEW oauth.check_shim_role (severity, subject, finding, remedy) AS
	SELECT 'high', 'role ' || quote_ident(r.rolname), 'runs the endpoints and is '
		|| array_to_string(k.kinds, ', '),
		format('ALTER ROLE %I NO%s;', r.rolname, array_to_string(k.kinds, ' NO'))
	FROM oauth.shim_role r
	CROSS JOIN LATERAL (SELECT array_remove(ARRAY[CASE WHEN r.rolsuper THEN 'SUPERUSER'
		END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB'
		END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END],
		NULL) AS kinds) k WHERE k.kinds <> '{}' ORDER BY r.rolname;
REVOKE ALL ON oauth.check_shim_role FROM PUBLIC;
COMMENT ON VIEW oauth.check_shim_role IS 'Attributes of the shim''s role that it does not need';

-- Roles that may execute functions which no guide gives them.
CREATE VIEW oauth.check_function_privilege (severity, subject, finding, remedy) AS
	SELECT CASE WHEN f.is_shim OR f.is_reached THEN 'high' ELSE 'medium' END, 'role '
		|| quote_ident(f.rolname), CASE WHEN f.is_shim THEN 'runs the endpoints and ' ELSE '' END
		|| 'may execute '
		|| array_to_string((array_agg(f.proname ORDER BY NOT f.is_shim
		AND (f.is_delegated OR NOT f.is_api OR starts_with(f.proname, '_')), f.proname))[:8], ', ')
		|| CASE WHEN count(*) > 8 THEN format(' and %s others', count(*) - 8) ELSE ''
		END, CASE WHEN f.grantor <> f.owner THEN format('SET ROLE %I; ', pg_get_userbyid(f.grantor)) ELSE '' END
		|| format('REVOKE EXECUTE ON FUNCTION %s FROM %I%s;',
		string_agg(f.function::regprocedure::text, ', ' ORDER BY f.proname),
		f.rolname, CASE WHEN bool_or(f.is_grantable) THEN ' CASCADE' ELSE '' END)
		|| CASE WHEN f.grantor <> f.owner THEN ' RESET ROLE;' ELSE '' END
	FROM oauth.function_grant f
	WHERE (f.is_shim OR NOT f.rolsuper) AND (f.is_api OR NOT f.is_shims)
	GROUP BY f.rolname, f.grantor, f.owner, f.is_shim, f.is_reached
	HAVING bool_or(f.is_api AND (f.is_shim OR NOT f.is_delegated))
	ORDER BY f.rolname;
REVOKE ALL ON oauth.check_function_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_function_privilege IS 'Roles that may execute functions which no guide gives them';

-- Rights on functions that can be passed on.
CREATE VIEW oauth.check_grant_option (severity, subject, finding, remedy) AS
	SELECT 'medium', 'role ' || quote_ident(f.rolname), 'may let others execute '
		|| array_to_string((array_agg(f.proname ORDER BY NOT f.is_shim
		AND (f.is_delegated OR NOT f.is_api OR starts_with(f.proname, '_')), f.proname))[:8], ', ')
		|| CASE WHEN count(*) > 8 THEN format(' and %s others', count(*) - 8) ELSE ''
		END, CASE WHEN f.grantor <> f.owner THEN format('SET ROLE %I; ', pg_get_userbyid(f.grantor)) ELSE '' END
		|| format('REVOKE GRANT OPTION FOR EXECUTE ON FUNCTION %s FROM %I%s;',
		string_agg(f.function::regprocedure::text, ', ' ORDER BY f.proname),
		f.rolname, CASE WHEN bool_or(f.is_grantable) THEN ' CASCADE' ELSE '' END)
		|| CASE WHEN f.grantor <> f.owner THEN ' RESET ROLE;' ELSE '' END
	FROM oauth.function_grant f
	WHERE f.is_grantable AND NOT f.rolsuper
	GROUP BY f.rolname, f.grantor, f.owner
	ORDER BY f.rolname;
REVOKE ALL ON oauth.check_grant_option FROM PUBLIC;
COMMENT ON VIEW oauth.check_grant_option IS 'Rights on functions that can be passed on';

-- Privileges on types, which PUBLIC has anyway.
CREATE VIEW oauth.check_type_privilege (severity, subject, finding, remedy) AS
	SELECT 'low', 'type '
		|| t.oid::regtype, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
		|| ' has a right of its own that PUBLIC has as well',
		format('REVOKE ALL ON TYPE %s FROM %s CASCADE;',
		t.oid::regtype, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		AND d.classid = 'pg_type'::regclass AND d.deptype = 'e'
	JOIN pg_catalog.pg_type t ON t.oid = d.objid
	CROSS JOIN LATERAL aclexplode(t.typacl) a
	WHERE e.extname = 'oauth' AND a.grantee NOT IN (0, t.typowner)
	ORDER BY t.oid::regtype::text, a.grantee;
REVOKE ALL ON oauth.check_type_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_type_privilege IS 'Privileges on types, which PUBLIC has anyway';

-- Settings that put requests into the log.
CREATE VIEW oauth.check_logged_parameter (severity, subject, finding, remedy) AS
	SELECT 'medium', 'role ' || quote_ident(r.rolname),
		format('what clients send can go to the log (%s)', v.name),
		format('ALTER ROLE %I%s SET %s = 0;',
		r.rolname, CASE
		WHEN EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s
		JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
		WHERE s.setrole = r.oid AND d.datname = current_database()
			AND starts_with(c, v.name || '=')) THEN format(' IN DATABASE %I', current_database()) END, v.name)
	FROM oauth.shim_role r
	CROSS JOIN (VALUES ('log_parameter_max_length'), ('log_parameter_max_length_on_error')) v (name)
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND coalesce((SELECT substr(c, strpos(c, '=') + 1) FROM pg_catalog.pg_db_role_setting s,
		unnest(s.setconfig) c
		WHERE s.setrole IN (0, r.oid)
			AND s.setdatabase IN (0,
			(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
			AND starts_with(c, v.name || '=')
		ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1), (SELECT f.setting
		FROM pg_catalog.pg_file_settings f
		WHERE f.name = v.name AND f.applied LIMIT 1), (SELECT g.boot_val
		FROM pg_catalog.pg_settings g
		WHERE g.name = v.name)) <> '0'
	ORDER BY r.rolname, v.name;
REVOKE ALL ON oauth.check_logged_parameter FROM PUBLIC;
COMMENT ON VIEW oauth.check_logged_parameter IS 'Settings that put requests into the log';

-- A shim that is connected as a superuser.
CREATE VIEW oauth.check_shim_superuser (severity, subject, finding, remedy) AS
	SELECT DISTINCT 'high', 'role ' || quote_ident(a.usename), 'a superuser, and a shim is connected as it',
		'-- give the shim a role of its own: docs/install.md'
	FROM pg_catalog.pg_stat_activity a
	JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid AND r.rolsuper
	WHERE a.datname = current_database() AND a.application_name = 'oauth-shim';
REVOKE ALL ON oauth.check_shim_superuser FROM PUBLIC;
COMMENT ON VIEW oauth.check_shim_superuser IS 'A shim that is connected as a superuser';

-- Logging in to PostgreSQL 18 with a token: lines of pg_hba.conf and maps of pg_ident.conf that let in whom they should not, or
-- nobody.  Before 18 there are no such lines.
CREATE VIEW oauth.check_database_login (severity, subject, finding, remedy) AS
	WITH RECURSIVE member (role, member) AS (
		SELECT r.oid, r.oid FROM pg_catalog.pg_roles r
		UNION SELECT m.role, a.member FROM member m JOIN pg_catalog.pg_auth_members a ON a.roleid = m.member
	), powerful AS (
		SELECT r.oid, r.rolname, r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolcanlogin
			AND EXISTS (SELECT FROM member m JOIN pg_catalog.pg_roles o ON o.oid = m.role WHERE m.member = r.oid AND (o.rolsuper
				OR o.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')))
	), line AS (
		SELECT h.line_number, h.type, h.user_name, substr(s.o, 7) AS scope, substr(m.o, 5) AS map,
			EXISTS (SELECT FROM unnest(h.options) o WHERE o IN ('delegate_ident_mapping=true', 'delegate_ident_mapping=1')) AS delegates
		FROM pg_catalog.pg_hba_file_rules h
		LEFT JOIN LATERAL (SELECT o FROM unnest(h.options) o WHERE starts_with(o, 'scope=')) s ON true
		LEFT JOIN LATERAL (SELECT o FROM unnest(h.options) o WHERE starts_with(o, 'map=')) m ON true
		WHERE h.auth_method = 'oauth' AND h.error IS NULL AND h.options @> ARRAY['validator=oauth']
	), setting AS (
		SELECT coalesce(current_setting('oauth.validator_conninfo', true), '') AS conninfo,
			coalesce(current_setting('oauth.validator_delegation', true), 'off') = 'on' AS delegation,
			coalesce(current_setting('oauth.validator_superuser', true), 'off') = 'on' AS superuser,
			coalesce(current_setting('reserved_connections', true), '0') = '0' AS is_unreserved
	), asked AS (
		SELECT h.host FROM setting s
		CROSS JOIN regexp_matches(s.conninfo, CASE WHEN s.conninfo ~ E'\\mhostaddr\\s*=' THEN E'\\mhostaddr' ELSE E'\\mhost' END
			|| E'\\s*=\\s*(?:''([^'']*)''|([^\\s&]+))|^postgres(?:ql)?://(?:[^/@]*@)?(\\[[^]]*\\]|[^/:?]+)', 'g') m
		CROSS JOIN unnest(string_to_array(coalesce(m[1], m[2], m[3]), ',')) h (host)
		WHERE h.host !~ E'^(|[/@].*|%2F.*|localhost|127\\..*|\\[?::1\\]?)$'
	)
	SELECT 'high', format('pg_hba.conf, line %s', l.line_number), 'tokens cross the network readable',
		format('-- write hostssl for %s in line %s', l.type, l.line_number)
	FROM line l WHERE l.type IN ('host', 'hostnossl')
	UNION ALL SELECT 'high', format('pg_hba.conf, line %s', l.line_number),
		format('scope "%s" is not for this alone: nobody is let in', l.scope),
		'SELECT oauth_register_scope(''db'', ''Log in to the database'');  -- and scope="db" in the line'
	FROM line l WHERE NOT EXISTS (SELECT FROM unnest(string_to_array(coalesce(l.scope, ''), ' ')) w
		WHERE w NOT IN ('', 'openid', 'profile', 'email', 'address', 'phone', 'offline_access')
			AND w NOT IN (SELECT c.scope FROM oauth.scope c WHERE c.is_default))
	UNION ALL SELECT CASE WHEN s.delegation THEN 'high' ELSE 'medium' END, format('pg_hba.conf, line %s', l.line_number),
		'delegate_ident_mapping=1: ' || CASE WHEN s.delegation THEN 'every token with the scope logs in as any role of the line'
			ELSE 'nobody is let in' END, format('-- write map=... in line %s instead, or name the roles in it', l.line_number)
	FROM line l, setting s WHERE l.delegates AND NOT (s.delegation AND NOT 'all' = ANY (l.user_name))
	UNION ALL SELECT DISTINCT CASE WHEN s.superuser THEN 'high' ELSE 'medium' END,
		format('pg_ident.conf, line %s', i.line_number),
		format('map %s can lead to %s, ', quote_ident(i.map_name), quote_ident(r.rolname))
			|| CASE WHEN r.rolsuper THEN 'a superuser' ELSE 'as good as a superuser' END || CASE WHEN s.superuser THEN ''
			ELSE ': refused' END, format('-- let line %s of pg_ident.conf name ordinary roles', i.line_number)
	FROM line l
	JOIN pg_catalog.pg_ident_file_mappings i ON i.map_name = l.map AND i.error IS NULL
	JOIN powerful r ON i.pg_username IN (r.rolname, 'all') OR i.pg_username ~ E'\\\\1' OR starts_with(i.pg_username, '/')
		OR starts_with(i.pg_username, '+')
		AND EXISTS (SELECT FROM member m WHERE m.member = r.oid AND m.role = to_regrole(quote_ident(substr(i.pg_username, 2))))
	CROSS JOIN setting s
	UNION ALL SELECT 'medium', format('pg_hba.conf, line %s', l.line_number),
		'no map: a person with the name of a role logs in as that role', format('-- write map=... in line %s', l.line_number)
	FROM line l WHERE l.map IS NULL AND NOT l.delegates AND current_setting('oauth.validator_identity', true) = 'username'
	UNION ALL SELECT 'high', 'oauth.validator_conninfo', 'not set: nobody logs in with a token',
		'ALTER SYSTEM SET oauth.validator_conninfo = ''host=/var/run/postgresql dbname=' || current_database()
			|| ' user=oauth_validator''; SELECT pg_reload_conf();'
	FROM setting s WHERE s.conninfo = '' AND EXISTS (SELECT FROM line)
	UNION ALL SELECT 'high', 'oauth.validator_conninfo', 'another machine is believed without a look at its certificate',
		'-- write sslmode=verify-full and sslrootcert=... into oauth.validator_conninfo'
	FROM setting s WHERE EXISTS (SELECT FROM line) AND EXISTS (SELECT FROM asked)
		AND s.conninfo !~ E'\\msslmode\\s*=\\s*''?verify-(full|ca)\\M' AND s.conninfo !~ E'\\msslrootcert\\s*=\\s*''?system\\M'
	UNION ALL SELECT 'medium', 'reserved_connections', 'none: where all connections are taken, nobody logs in with a token',
		'ALTER SYSTEM SET reserved_connections = 8;  -- and restart; the role of the validator needs pg_use_reserved_connections'
	FROM setting s WHERE s.is_unreserved AND EXISTS (SELECT FROM line);
REVOKE ALL ON oauth.check_database_login FROM PUBLIC;
COMMENT ON VIEW oauth.check_database_login IS 'Lines of pg_hba.conf and pg_ident.conf about logging in to PostgreSQL with a token '
	'(docs/database-logins.md)';

-- Functions that oauth_protect() published.
CREATE VIEW oauth.check_published_function (severity, subject, finding, remedy) AS
	SELECT CASE WHEN f.oid IS NULL OR o.rolname IS NOT NULL THEN 'medium' ELSE 'low' END,
		p.path, CASE WHEN f.oid IS NULL THEN format('%I.%I is gone', p.function_schema, p.function_name)
		WHEN o.rolname IS NOT NULL THEN format('%s belongs to %I, to whom policies do not apply',
		f.oid::regprocedure, o.rolname) ELSE 'any token will do: no required_scope'
		END, CASE WHEN f.oid IS NULL THEN format('SELECT oauth_unprotect(%L);', p.path)
		WHEN o.rolname IS NOT NULL THEN format('ALTER FUNCTION %s OWNER TO some_role;  -- one that may do no '
		'more than it must', f.oid::regprocedure)
		ELSE format('SELECT oauth_protect(%L, %L, required_scope => %L, methods => %L);', p.path,
		format('%I.%I', p.function_schema, p.function_name), coalesce((SELECT string_agg(scope,
		' ' ORDER BY scope) FROM oauth.scope WHERE is_default), 'read'), p.methods)
		END
	FROM oauth.protected_function p
	LEFT JOIN pg_catalog.pg_proc f ON f.oid = to_regprocedure(format('%I.%I(oauth.http_request)',
		p.function_schema, p.function_name))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = f.proowner AND (o.rolsuper OR o.rolbypassrls)
	WHERE f.oid IS NULL OR o.rolname IS NOT NULL OR p.required_scope IS NULL
	ORDER BY p.path;
REVOKE ALL ON oauth.check_published_function FROM PUBLIC;
COMMENT ON VIEW oauth.check_published_function IS 'Functions that oauth_protect() published';

-- The claims function and the password function.
CREATE VIEW oauth.check_application_function (severity, subject, finding, remedy) AS
	SELECT 'medium',
		v.name, CASE WHEN f.oid IS NULL THEN format('%I.%I is gone', v.function_schema, v.function_name)
		ELSE format('%s belongs to %I, to whom policies do not apply', f.oid::regprocedure, o.rolname)
		END, CASE WHEN f.oid IS NULL THEN v.remedy
		ELSE format('ALTER FUNCTION %s OWNER TO some_role;  -- one that may do no more than it must',
		f.oid::regprocedure) END
	FROM (SELECT 'claims function', function_schema, function_name, '(text, text, text)',
		'SELECT oauth_set_claims_function(NULL);'
		FROM oauth.claims_function
		UNION ALL SELECT format('authorization details type %s', type), function_schema, function_name,
			'(jsonb, text, text)', format('SELECT oauth_register_authorization_details_type(%L, %L);', type, description)
		FROM oauth.authorization_details_type
		WHERE function_name IS NOT NULL
		UNION ALL SELECT 'login function', function_schema, function_name, '(text, text)',
			'-- create it again: nobody can log in'
		FROM oauth.user_source
		WHERE function_name IS NOT NULL) v (name, function_schema, function_name, arguments, remedy)
	LEFT JOIN pg_catalog.pg_proc f ON f.oid = to_regprocedure(format('%I.%I%s', v.function_schema,
		v.function_name, v.arguments))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = f.proowner AND (o.rolsuper OR o.rolbypassrls)
	WHERE f.oid IS NULL OR o.rolname IS NOT NULL;
REVOKE ALL ON oauth.check_application_function FROM PUBLIC;
COMMENT ON VIEW oauth.check_application_function IS 'The claims function, the password function, and those that check '
	'authorization details';

-- Types that clients name and nobody registered: a client that asks for one is refused.
CREATE VIEW oauth.check_authorization_details_type (severity, subject, finding, remedy) AS
	SELECT 'low', format('authorization details type %s', t.type),
		format('%s may ask for it, and it is not registered', CASE count(*) WHEN 1 THEN 'a client' ELSE format('%s clients',
		count(*)) END), format('SELECT oauth_register_authorization_details_type(%L, ''...'');', t.type)
	FROM oauth.client c CROSS JOIN LATERAL unnest(c.authorization_details_types) t (type)
	WHERE c.disabled_at IS NULL
		AND NOT EXISTS (SELECT FROM oauth.authorization_details_type r WHERE r.type = t.type)
	GROUP BY t.type
	ORDER BY t.type;
REVOKE ALL ON oauth.check_authorization_details_type FROM PUBLIC;
COMMENT ON VIEW oauth.check_authorization_details_type IS 'Types of authorization details that do not exist';

-- Issuers whose JWTs are grants.
CREATE VIEW oauth.check_trusted_issuer (severity, subject, finding, remedy) AS
	SELECT 'medium', 'issuer ' || i.issuer, format('its keys could not be fetched from %s: %s', i.jwks_uri, d.problem),
		format('-- ask who runs it, or give its keys: SELECT oauth_trust_issuer(%L, jwks => ''...'');', i.issuer)
	FROM oauth.trusted_issuer i JOIN oauth.document d ON d.url = i.jwks_uri AND d.problem IS NOT NULL
	UNION ALL SELECT CASE WHEN f.oid IS NULL THEN 'high' ELSE 'medium' END, 'issuer ' || i.issuer,
		CASE WHEN f.oid IS NULL THEN format('%I.%I, which says who its subjects are, is gone: its JWTs bring errors',
		i.function_schema, i.function_name)
		ELSE format('%s belongs to %I, to whom policies do not apply', f.oid::regprocedure, o.rolname) END,
		CASE WHEN f.oid IS NULL THEN format('SELECT oauth_distrust_issuer(%L);', i.issuer)
		ELSE format('ALTER FUNCTION %s OWNER TO some_role;  -- one that may do no more than it must',
		f.oid::regprocedure) END
	FROM oauth.trusted_issuer i
	LEFT JOIN pg_catalog.pg_proc f ON f.oid = to_regprocedure(format('%I.%I(text, jsonb)', i.function_schema,
		i.function_name))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = f.proowner AND (o.rolsuper OR o.rolbypassrls)
	WHERE i.function_name IS NOT NULL AND (f.oid IS NULL OR o.rolname IS NOT NULL)
	UNION ALL SELECT 'medium', 'issuer ' || i.issuer,
		'the users are the application''s, and no function says which of them its subjects are: all are refused',
		format('-- SELECT oauth_trust_issuer(%L, ..., subject_function => ''schema.function'');', i.issuer)
	FROM oauth.trusted_issuer i WHERE i.function_name IS NULL AND EXISTS (SELECT FROM oauth.user_source)
	UNION ALL SELECT 'low', 'issuer ' || i.issuer,
		'no client has a grant that takes its JWTs',
		'-- SELECT oauth_update_client(client_id, ''{"grant_types": '
		'["urn:ietf:params:oauth:grant-type:jwt-bearer", ...]}'');'
	FROM oauth.trusted_issuer i WHERE NOT EXISTS (SELECT FROM oauth.client c WHERE c.disabled_at IS NULL
		AND c.grant_types && '{urn:ietf:params:oauth:grant-type:jwt-bearer,urn:ietf:params:oauth:grant-type:token-exchange}');
REVOKE ALL ON oauth.check_trusted_issuer FROM PUBLIC;
COMMENT ON VIEW oauth.check_trusted_issuer IS 'Issuers whose keys, or whose subjects, cannot be found';

-- Policies that do not apply.
CREATE VIEW oauth.check_policy (severity, subject, finding, remedy) AS
	SELECT 'high', 'table '
		|| c.oid::regclass, CASE
		WHEN c.relrowsecurity THEN format('its policies do not hold for %I, who owns it and functions that '
		'are published', pg_get_userbyid(c.relowner))
		ELSE 'it has policies that ask who is calling, and row-level security is off' END,
		format('ALTER TABLE %s %s ROW LEVEL SECURITY;',
		c.oid::regclass, CASE WHEN c.relrowsecurity THEN 'FORCE' ELSE 'ENABLE' END)
	FROM pg_catalog.pg_class c
	WHERE (NOT c.relrowsecurity OR NOT c.relforcerowsecurity
		AND EXISTS (SELECT FROM oauth.protected_function p JOIN pg_catalog.pg_proc f ON f.proowner = c.relowner
			AND f.oid = to_regprocedure(format('%I.%I(oauth.http_request)', p.function_schema,
			p.function_name)))) AND c.oid IN (SELECT p.polrelid
		FROM pg_catalog.pg_policy p
		JOIN pg_catalog.pg_depend d ON d.objid = p.oid AND d.classid = 'pg_policy'::regclass
			AND d.refclassid = 'pg_proc'::regclass
		JOIN pg_catalog.pg_depend e ON e.classid = 'pg_proc'::regclass AND e.objid = d.refobjid
			AND e.deptype = 'e'
			AND e.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'oauth'))
	ORDER BY c.oid::regclass::text;
REVOKE ALL ON oauth.check_policy FROM PUBLIC;
COMMENT ON VIEW oauth.check_policy IS 'Policies that do not apply';

-- Users who must have a second factor, and have none.
CREATE VIEW oauth.check_second_factor (severity, subject, finding, remedy) AS
	SELECT 'low', 'second factor', format('%s of those who must have one have none yet', count(*)),
		'-- each sets one up at the next login: docs/users.md'
	FROM oauth.user u
	JOIN oauth.subject s ON s.subject = u.subject AND s.disabled_at IS NULL
	LEFT JOIN oauth.second_factor f ON f.subject = u.subject
	WHERE (SELECT count(*) FROM @extschema@.oauth_settings()) > 0 AND f.confirmed_at IS NULL
		AND (f.is_required AND current_setting('oauth.second_factor') <> 'off'
		OR current_setting('oauth.second_factor') = 'required')
	HAVING count(*) > 0;
REVOKE ALL ON oauth.check_second_factor FROM PUBLIC;
COMMENT ON VIEW oauth.check_second_factor IS 'Users who must have a second factor and have none';

-- The application's table or view of users.
CREATE VIEW oauth.check_user_source (severity, subject, finding, remedy) AS
	SELECT CASE WHEN c.oid IS NULL THEN 'high' ELSE 'medium' END,
		'users', CASE
		WHEN c.oid IS NULL THEN format('are looked for in %I.%I, which is gone', s.relation_schema,
		s.relation_name)
		WHEN o.rolname IS NOT NULL THEN format('%s belongs to %I, with whose rights it is read',
		c.oid::regclass, o.rolname)
		ELSE format('%s has lost triggers, and is asked at each verification', c.oid::regclass)
		END, CASE
		WHEN c.oid IS NULL THEN 'SELECT oauth_use_builtin_users();  -- or oauth_use_users(...) with what '
		'there is' WHEN o.rolname IS NOT NULL THEN format('ALTER TABLE %s OWNER TO some_role;  -- one that '
		'may do no more than it must', c.oid::regclass)
		ELSE format('SELECT oauth_use_users(%L, id => %L, username => %L, password => %L, active => %L, '
		'scheme => %L, password_function => %L, allow_legacy => %L, upgrade => %L);', format('%I.%I',
		s.relation_schema, s.relation_name), s.id_column, s.username_column, s.password_column,
		s.active_column, s.scheme, quote_ident(s.function_schema) || '.' || quote_ident(s.function_name),
		s.allow_legacy, s.upgrade)
		END
	FROM oauth.user_source s
	LEFT JOIN pg_catalog.pg_class c ON c.oid = to_regclass(format('%I.%I', s.relation_schema, s.relation_name))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = c.relowner AND o.rolsuper
	WHERE c.oid IS NULL OR o.rolname IS NOT NULL OR c.relkind = 'r'
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid))
		AND (SELECT count(*) FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
		WHERE t.tgrelid = c.oid AND p.proname = '_oauth_users_changed' AND t.tgenabled IN ('O', 'A')) < 3;
REVOKE ALL ON oauth.check_user_source FROM PUBLIC;
COMMENT ON VIEW oauth.check_user_source IS 'The application''s table or view of users';

-- Clients that ask users for their passwords.
CREATE VIEW oauth.check_password_grant (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id, c.client_name
		|| ' asks users for their passwords', CASE
		WHEN g.others = '{}' THEN format('SELECT oauth_disable_client(%L);', c.client_id)
		ELSE format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('grant_types', g.others)) END
	FROM oauth.client c
	CROSS JOIN LATERAL (SELECT array_remove(array_remove(c.grant_types, 'password'),
		'oauth1_xauth') AS others) g
	WHERE c.disabled_at IS NULL AND g.others <> c.grant_types
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_password_grant FROM PUBLIC;
COMMENT ON VIEW oauth.check_password_grant IS 'Clients that ask users for their passwords';

-- Clients of OAuth 1.0a that may sign with PLAINTEXT.
CREATE VIEW oauth.check_plaintext_signature (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id, c.client_name || ' may sign with PLAINTEXT, which is no signature',
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('signature_methods', CASE
		WHEN array_remove(c.signature_methods, 'PLAINTEXT') <> '{}' THEN array_remove(c.signature_methods,
		'PLAINTEXT') ELSE '{HMAC-SHA1,HMAC-SHA256,HMAC-SHA512}' END))
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}'
		AND coalesce('PLAINTEXT' = ANY (c.signature_methods), c.rsa_public_key IS NULL)
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_plaintext_signature FROM PUBLIC;
COMMENT ON VIEW oauth.check_plaintext_signature IS 'Clients of OAuth 1.0a that may sign with PLAINTEXT';

-- Signed requests for other hosts are accepted.
CREATE VIEW oauth.check_signed_host (severity, subject, finding, remedy) AS
	SELECT 'low', 'oauth.allowed_hosts', 'a request that was signed for another host is taken',
		format('ALTER DATABASE %I SET oauth.allowed_hosts = %L;  -- the hosts that clients know',
		current_database(),
		coalesce(substring(current_setting('oauth.issuer', true) FROM '//([^/]+)'), 'id.example.com'))
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND trim(current_setting('oauth.allowed_hosts', true)) = ''
		AND EXISTS (SELECT FROM oauth.client WHERE disabled_at IS NULL
		AND (dpop_bound_access_tokens OR grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}'));
REVOKE ALL ON oauth.check_signed_host FROM PUBLIC;
COMMENT ON VIEW oauth.check_signed_host IS 'Signed requests for other hosts are accepted';

-- Clients whose tokens live long.
CREATE VIEW oauth.check_client_lifetime (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s: %s is %s days', c.client_name, v.name, v.seconds / 86400),
		format('SELECT oauth_update_client(%L, %L);', c.client_id, jsonb_build_object(v.name, NULL))
	FROM oauth.client c
	CROSS JOIN LATERAL (VALUES
		('access_token_lifetime', c.access_token_lifetime, 86400),
		('refresh_token_lifetime', c.refresh_token_lifetime, 90 * 86400)
	) v (name, seconds, highest)
	WHERE c.disabled_at IS NULL AND v.seconds > v.highest
	ORDER BY c.client_id, v.name;
REVOKE ALL ON oauth.check_client_lifetime FROM PUBLIC;
COMMENT ON VIEW oauth.check_client_lifetime IS 'Clients whose tokens live long';

-- Redirect URIs on localhost, a name that can lead elsewhere (RFC 8252, section 8.3).
CREATE VIEW oauth.check_localhost_redirect (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id, c.client_name
		|| ' has redirect URIs on localhost, a name that may lead elsewhere',
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('redirect_uris',
		(SELECT array_agg(DISTINCT regexp_replace(u, '^http://localhost([:/?]|$)', E'http://127.0.0.1\\1'))
		FROM unnest(c.redirect_uris) u)))
	FROM oauth.client c
	WHERE c.disabled_at IS NULL
		AND EXISTS (SELECT FROM unnest(c.redirect_uris) u WHERE u ~ '^http://localhost([:/?]|$)')
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_localhost_redirect FROM PUBLIC;
COMMENT ON VIEW oauth.check_localhost_redirect IS 'Redirect URIs on localhost, a name that can lead elsewhere (RFC '
	'8252, section 8.3)';

-- Clients with many redirect URIs.
CREATE VIEW oauth.check_redirect_count (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s has %s redirect URIs', c.client_name, cardinality(c.redirect_uris)),
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('redirect_uris',
		(SELECT array_agg(DISTINCT regexp_replace(u, '^http://localhost([:/?]|$)', E'http://127.0.0.1\\1'))
		FROM unnest(c.redirect_uris) u))) || '  -- without those that it does not need'
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND cardinality(c.redirect_uris) > 10
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_redirect_count FROM PUBLIC;
COMMENT ON VIEW oauth.check_redirect_count IS 'Clients with many redirect URIs';

-- Clients that were not told of logouts.
CREATE VIEW oauth.check_untold_client (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id,
		format('%s was not told of %s logouts in the last week: %s', c.client_name, d.n, d.problem),
		format('SELECT oauth_update_client(%L, %L);  -- or the address that it has now', c.client_id,
		'{"backchannel_logout_uri": null}')
	FROM oauth.client c
	CROSS JOIN LATERAL (SELECT count(*) AS n, (array_agg(coalesce(f.problem, 'status ' || f.status) ORDER BY f.handle DESC))[1] AS problem
		FROM oauth.delivery f
		WHERE f.client_id = c.client_id AND f.failed_at IS NOT NULL) d
	WHERE c.disabled_at IS NULL AND c.backchannel_logout_uri IS NOT NULL AND d.n > 0
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_untold_client FROM PUBLIC;
COMMENT ON VIEW oauth.check_untold_client IS 'Clients that were not told of logouts';

-- Clients none of whose assertions or certificates can be looked up.
CREATE VIEW oauth.check_client_keys (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id, format('%s cannot prove who it is: its keys could not be fetched from %s: %s', c.client_name,
		c.jwks_uri, d.problem),
		format('SELECT oauth_update_client(%L, %L);  -- or ask who runs it', c.client_id, '{"jwks": {"keys": [...]}}')
	FROM oauth.client c
	JOIN oauth.document d ON d.url = c.jwks_uri AND d.problem IS NOT NULL AND coalesce(d.fresh_until < clock_timestamp(), true)
	WHERE c.disabled_at IS NULL AND c.token_endpoint_auth_method IN ('private_key_jwt', 'self_signed_tls_client_auth')
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_client_keys FROM PUBLIC;
COMMENT ON VIEW oauth.check_client_keys IS 'Clients whose keys cannot be fetched, which have nothing else to prove who they are';

-- Clients none of whose authorization requests can be answered.
CREATE VIEW oauth.check_unsigned_request (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id,
		c.client_name || ' must sign its requests, and has registered no key',
		format('SELECT oauth_update_client(%L, %L);  -- or give it jwks or jwks_uri', c.client_id,
		'{"require_signed_request_object": false}')
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.require_signed_request_object AND c.jwks IS NULL
		AND c.jwks_uri IS NULL AND c.rsa_public_key IS NULL
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_unsigned_request FROM PUBLIC;
COMMENT ON VIEW oauth.check_unsigned_request IS 'Clients that must sign their requests, and have no key';

-- Clients that are registered for OpenID Connect, and cannot ask for an ID token.
CREATE VIEW oauth.check_openid_scope (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		c.client_name || ' is registered for OpenID Connect, but its scope has no openid',
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('scope', concat_ws(' ', 'openid', nullif(c.scope, ''))))
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.scope IS NOT NULL
		AND NOT 'openid' = ANY (string_to_array(c.scope, ' '))
		AND (c.backchannel_logout_uri IS NOT NULL OR c.post_logout_redirect_uris IS NOT NULL
		OR c.id_token_signed_response_alg IS NOT NULL OR c.subject_type = 'pairwise')
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_openid_scope FROM PUBLIC;
COMMENT ON VIEW oauth.check_openid_scope IS 'Clients that are registered for OpenID Connect, and cannot ask for an ID token';

-- Client secrets that are older than a year.
CREATE VIEW oauth.check_secret_age (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s has had its secret since %s', c.client_name, to_char(c.secret_set_at, 'YYYY-MM-DD')),
		format('SELECT oauth_rotate_client_secret(%L, overlap => %L);', c.client_id, '7 days')
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.secret_hash IS NOT NULL AND c.secret_set_at < now() - interval '1 year'
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_secret_age FROM PUBLIC;
COMMENT ON VIEW oauth.check_secret_age IS 'Client secrets that are older than a year';

-- Clients that registered themselves and have many users.
CREATE VIEW oauth.check_registered_client (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s %s, and more than 100 users granted it access', c.client_name, CASE WHEN c.is_document
		THEN 'is described by a document of its own' ELSE 'registered itself' END),
		CASE WHEN c.is_document THEN format('SELECT oauth_update_client(%L, %L);  -- if it is to stay as it is; its '
		'document is not read any more then', c.client_id, '{}') ELSE format('UPDATE oauth.client SET registration_token_hash = NULL%s WHERE client_id = %L;  -- if it is '
		'to stay; it no longer changes itself then', CASE
		WHEN c.scope IS NULL THEN (SELECT format(', scope = %L', string_agg(s.scope, ' ' ORDER BY s.scope))
		FROM oauth.scope s WHERE s.is_advertised) END,
		c.client_id) END
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND (c.registration_token_hash IS NOT NULL OR c.is_document)
		AND (SELECT count(DISTINCT s.subject)
		FROM (SELECT g.subject FROM oauth.grant g WHERE g.client_id = c.client_id AND g.subject IS NOT NULL
		AND g.ended_at IS NULL LIMIT 10000) s) > 100
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_registered_client FROM PUBLIC;
COMMENT ON VIEW oauth.check_registered_client IS 'Clients that registered themselves and have many users';

-- Scopes that clients which register themselves may ask for.
CREATE VIEW oauth.check_advertised_scope (severity, subject, finding, remedy) AS
	SELECT 'low', CASE WHEN current_setting('oauth.registration', true) = 'open' THEN 'oauth.registration'
		ELSE 'oauth.client_id_metadata_documents' END, CASE WHEN current_setting('oauth.registration', true) = 'open'
		THEN 'clients that register themselves' ELSE 'clients that nobody registered' END || ' may ask users for '
		|| string_agg(scope, ' ' ORDER BY scope),
		format('SELECT oauth_register_scope(scope, description, is_default, is_advertised => false) FROM '
		'oauth.scope WHERE scope = ANY (%L);  -- those that you give to clients yourself',
		array_agg(scope ORDER BY scope) FILTER (WHERE NOT is_default
		AND scope NOT IN ('openid', 'profile', 'email', 'address', 'phone', 'offline_access')))
	FROM oauth.scope
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND is_advertised AND (current_setting('oauth.registration', true) = 'open'
		OR current_setting('oauth.client_id_metadata_documents', true) = 'on')
	HAVING bool_or(NOT is_default
		AND scope NOT IN ('openid', 'profile', 'email', 'address', 'phone', 'offline_access'));
REVOKE ALL ON oauth.check_advertised_scope FROM PUBLIC;
COMMENT ON VIEW oauth.check_advertised_scope IS 'Scopes that clients which register themselves may ask for';

-- Documents of other servers that a shim was told not to fetch.
CREATE VIEW oauth.check_fetching (severity, subject, finding, remedy) AS
	SELECT 'medium', 'oauth.document', format('%s documents of other servers were wanted since yesterday, and a shim '
		'runs with --fetch=off', count(*)),
		'start the shims without --fetch=off, or put the documents there: SELECT oauth_keep_document(url, body);'
	FROM oauth.document
	WHERE problem LIKE 'fetching is switched off%' AND failed_at > now() - interval '1 day'
	HAVING count(*) > 0;
REVOKE ALL ON oauth.check_fetching FROM PUBLIC;
COMMENT ON VIEW oauth.check_fetching IS 'Documents of other servers that a shim was told not to fetch';

-- A master key that is older than a year.
CREATE VIEW oauth.check_master_key_age (severity, subject, finding, remedy) AS
	SELECT 'low', 'master key', 'in use since ' || to_char(created_at, 'YYYY-MM-DD'),
		'SELECT oauth_rotate_master_key();  -- then copy the file to replicas and backups'
	FROM oauth.master_key
	WHERE retired_at IS NULL AND created_at < now() - interval '1 year';
REVOKE ALL ON oauth.check_master_key_age FROM PUBLIC;
COMMENT ON VIEW oauth.check_master_key_age IS 'A master key that is older than a year';

-- Signing keys that are short, old, or used before verifiers know them.
CREATE VIEW oauth.check_signing_key (severity, subject, finding, remedy) AS
	SELECT v.severity, 'signing key ' || k.kid, k.alg || ': ' || v.finding, v.remedy
	FROM oauth.signing_key_overview k
	CROSS JOIN LATERAL (SELECT * FROM (VALUES
		('high', k.alg ~ '^[RP]S' AND k.bits < 2048, format('%s bits are too short', k.bits),
			format('SELECT oauth_retire_signing_key(%L);', k.kid)),
		('high',
			k.used_from < k.created_at + current_setting('oauth.signing_key_lead',
			true)::interval - interval '1 minute'
				AND k.created_at > now() - current_setting('oauth.signing_key_lead', true)::interval
				AND EXISTS (SELECT
			FROM oauth.signing_key_overview o
			WHERE o.alg = k.alg AND o.created_at < k.created_at AND o.used_from < k.used_from), CASE k.state
				WHEN 'used' THEN 'used before it was published for '
				ELSE 'will be used before it has been published for ' END
				|| current_setting('oauth.signing_key_lead', true)
				|| ', so that who keeps the key set cannot verify', CASE k.state
				WHEN 'used' THEN '-- restart those that verify, so that they ask for /oauth2/jwks again'
				ELSE format('UPDATE oauth.signing_key SET used_from = %L WHERE kid = %L;',
				k.created_at + current_setting('oauth.signing_key_lead', true)::interval, k.kid) END),
		('medium', k.state = 'used'
			AND k.used_from < now() - CASE current_setting('oauth.signing_key_lifetime', true)
			WHEN '0' THEN interval '1 year'
			ELSE current_setting('oauth.signing_key_lifetime', true)::interval + interval '1 day' END
			AND NOT EXISTS (SELECT FROM oauth.signing_key_overview n WHERE n.alg = k.alg
			AND n.state = 'published'
			AND n.used_from < now() + current_setting('oauth.signing_key_lead', true)::interval + interval '1 day'), 'signs since ' || to_char(k.used_from, 'YYYY-MM-DD'),
			'SELECT oauth_rotate_signing_keys();')
	) v (severity, is_so, finding, remedy) WHERE is_so ORDER BY severity LIMIT 1) v
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND k.state IN ('published', 'used')
	ORDER BY k.created_at, k.kid;
REVOKE ALL ON oauth.check_signing_key FROM PUBLIC;
COMMENT ON VIEW oauth.check_signing_key IS 'Signing keys that are short, old, or used before verifiers know them';

-- Algorithms that clients ask for, without a key.
CREATE VIEW oauth.check_missing_signing_key (severity, subject, finding, remedy) AS
	SELECT 'low', 'signing key', format('there is none for %s, which clients or resources ask for (%s): the first '
		'signature makes it, before anybody can have seen it', alg, askers),
		format('SELECT oauth_create_signing_key(%L);', alg)
	FROM oauth.wanted_signing_alg
	WHERE NOT has_key
	ORDER BY alg;
REVOKE ALL ON oauth.check_missing_signing_key FROM PUBLIC;
COMMENT ON VIEW oauth.check_missing_signing_key IS 'Algorithms that clients and resources ask for, and that have no signing key';

-- Expired rows that were not removed.
CREATE VIEW oauth.check_expired_row (severity, subject, finding, remedy) AS
	SELECT 'low', 'oauth_purge_expired()', 'rows that expired on ' || to_char(min(oldest), 'YYYY-MM-DD')
		|| ' are still there',
		'SELECT oauth_purge_expired();  -- every minute, and again while it returns more than 0'
	FROM (SELECT min(a.expires_at) FROM (SELECT expires_at FROM oauth.access_token
			ORDER BY handle LIMIT 1000) a
		UNION ALL SELECT min(expires_at)
		FROM oauth.refresh_token
		UNION ALL SELECT min(expires_at)
		FROM oauth.authorization_code
		UNION ALL SELECT min(expires_at)
		FROM oauth.session
		UNION ALL SELECT min(expires_at)
		FROM oauth.device_code
		UNION ALL SELECT min(expires_at)
		FROM oauth.request_token) e (oldest)
	HAVING min(oldest) < now() - interval '1 day';
REVOKE ALL ON oauth.check_expired_row FROM PUBLIC;
COMMENT ON VIEW oauth.check_expired_row IS 'Expired rows that were not removed';

-- Nobody removes ended rows.
CREATE VIEW oauth.check_purge (severity, subject, finding, remedy) AS
	SELECT 'medium',
		'oauth_purge_expired()', CASE WHEN s.last IS NULL THEN 'nothing that has ended was ever removed'
		ELSE 'nothing that has ended was removed since ' || to_char(s.last, 'YYYY-MM-DD HH24:MI') END,
		'-- start the shim without --purge-interval=0, or, as root: systemctl enable --now oauth-purge.timer'
	FROM (SELECT max(swept_at) AS last FROM oauth.sweep) s
	WHERE coalesce(s.last, (SELECT min(created_at) FROM oauth.client)) < now() - interval '1 day';
REVOKE ALL ON oauth.check_purge FROM PUBLIC;
COMMENT ON VIEW oauth.check_purge IS 'Nobody removes ended rows';

-- Rows that refer to rows which a restore did not bring.
CREATE VIEW oauth.check_restored_reference (severity, subject, finding, remedy) AS
	SELECT 'high', 'oauth.client_origin',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.client_origin c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.user',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.user c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.grant',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.grant c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.grant',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.grant c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.access_token',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.access_token c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.refresh_token',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.refresh_token c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.authorization_code',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.authorization_code c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.oauth1_token',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.oauth1_token c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.request_token',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.request_token c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.request_token',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.request_token c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.consent',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.consent c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.consent',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.consent c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.session',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.session c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.login_request',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.login_request c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.login_request',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.login_request c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.pushed_request',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.pushed_request c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.device_code',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.device_code c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.device_code',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.device_code c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.delivery',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.delivery c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.second_factor',
		'some rows have a subject that is not in oauth.user: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.second_factor c
		WHERE NOT EXISTS (SELECT FROM oauth.user p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.recovery_code',
		'some rows have a subject that is not in oauth.user: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.recovery_code c
		WHERE NOT EXISTS (SELECT FROM oauth.user p WHERE p.subject = c.subject));
REVOKE ALL ON oauth.check_restored_reference FROM PUBLIC;
COMMENT ON VIEW oauth.check_restored_reference IS 'Rows that refer to rows which a restore did not bring';

-- Tables that had rows in the dump, and have none here.
CREATE VIEW oauth.check_restored_table (severity, subject, finding, remedy) AS
	SELECT 'high', format('oauth.%I', d.relation),
		format('had rows in the dump that was restored here (%s), and has none', d.rows),
		format('-- restore the dump again: docs/operations.md.  If they are gone for good: DELETE FROM '
		'oauth.dumped WHERE relation = %L;',
		d.relation)
	FROM oauth.dumped d
	WHERE NOT CASE d.relation WHEN 'access_token' THEN EXISTS (SELECT FROM oauth.access_token)
		WHEN 'authorization_details_type' THEN EXISTS (SELECT FROM oauth.authorization_details_type)
		WHEN 'claims_function' THEN EXISTS (SELECT FROM oauth.claims_function)
		WHEN 'client' THEN EXISTS (SELECT FROM oauth.client)
		WHEN 'client_origin' THEN EXISTS (SELECT FROM oauth.client_origin)
		WHEN 'consent' THEN EXISTS (SELECT FROM oauth.consent)
		WHEN 'grant' THEN EXISTS (SELECT FROM oauth.grant)
		WHEN 'imported_key' THEN EXISTS (SELECT FROM oauth.imported_key)
		WHEN 'imported_token' THEN EXISTS (SELECT FROM oauth.imported_token)
		WHEN 'master_key' THEN EXISTS (SELECT FROM oauth.master_key)
		WHEN 'oauth1_token' THEN EXISTS (SELECT FROM oauth.oauth1_token)
		WHEN 'page' THEN EXISTS (SELECT FROM oauth.page)
		WHEN 'pairwise_key' THEN EXISTS (SELECT FROM oauth.pairwise_key)
		WHEN 'protected_function' THEN EXISTS (SELECT FROM oauth.protected_function)
		WHEN 'recovery_code' THEN EXISTS (SELECT FROM oauth.recovery_code)
		WHEN 'refresh_token' THEN EXISTS (SELECT FROM oauth.refresh_token)
		WHEN 'registered_resource' THEN EXISTS (SELECT FROM oauth.registered_resource)
		WHEN 'scope' THEN EXISTS (SELECT FROM oauth.scope)
		WHEN 'second_factor' THEN EXISTS (SELECT FROM oauth.second_factor)
		WHEN 'session' THEN EXISTS (SELECT FROM oauth.session)
		WHEN 'signing_key' THEN EXISTS (SELECT FROM oauth.signing_key)
		WHEN 'subject' THEN EXISTS (SELECT FROM oauth.subject)
		WHEN 'trusted_issuer' THEN EXISTS (SELECT FROM oauth.trusted_issuer) WHEN 'user' THEN EXISTS (SELECT FROM oauth.user)
		WHEN 'user_source' THEN EXISTS (SELECT FROM oauth.user_source) ELSE true END
	ORDER BY d.relation;
REVOKE ALL ON oauth.check_restored_table FROM PUBLIC;
COMMENT ON VIEW oauth.check_restored_table IS 'Tables that had rows in the dump, and have none here';

-- All of them.
CREATE VIEW oauth.finding AS
	SELECT * FROM oauth.check_issuer
	UNION ALL SELECT * FROM oauth.check_setting
	UNION ALL SELECT * FROM oauth.check_key_file_shown
	UNION ALL SELECT * FROM oauth.check_tls
	UNION ALL SELECT * FROM oauth.check_version
	UNION ALL SELECT * FROM oauth.check_public_function
	UNION ALL SELECT * FROM oauth.check_table_privilege
	UNION ALL SELECT * FROM oauth.check_schema_privilege
	UNION ALL SELECT * FROM oauth.check_predefined_role
	UNION ALL SELECT * FROM oauth.check_shim_role
	UNION ALL SELECT * FROM oauth.check_function_privilege
	UNION ALL SELECT * FROM oauth.check_grant_option
	UNION ALL SELECT * FROM oauth.check_type_privilege
	UNION ALL SELECT * FROM oauth.check_logged_parameter
	UNION ALL SELECT * FROM oauth.check_shim_superuser
	UNION ALL SELECT * FROM oauth.check_database_login
	UNION ALL SELECT * FROM oauth.check_published_function
	UNION ALL SELECT * FROM oauth.check_application_function
	UNION ALL SELECT * FROM oauth.check_trusted_issuer
	UNION ALL SELECT * FROM oauth.check_authorization_details_type
	UNION ALL SELECT * FROM oauth.check_policy
	UNION ALL SELECT * FROM oauth.check_user_source
	UNION ALL SELECT * FROM oauth.check_second_factor
	UNION ALL SELECT * FROM oauth.check_password_grant
	UNION ALL SELECT * FROM oauth.check_plaintext_signature
	UNION ALL SELECT * FROM oauth.check_signed_host
	UNION ALL SELECT * FROM oauth.check_client_lifetime
	UNION ALL SELECT * FROM oauth.check_localhost_redirect
	UNION ALL SELECT * FROM oauth.check_redirect_count
	UNION ALL SELECT * FROM oauth.check_untold_client
	UNION ALL SELECT * FROM oauth.check_unsigned_request
	UNION ALL SELECT * FROM oauth.check_client_keys
	UNION ALL SELECT * FROM oauth.check_openid_scope
	UNION ALL SELECT * FROM oauth.check_secret_age
	UNION ALL SELECT * FROM oauth.check_registered_client
	UNION ALL SELECT * FROM oauth.check_advertised_scope
	UNION ALL SELECT * FROM oauth.check_fetching
	UNION ALL SELECT * FROM oauth.check_master_key_age
	UNION ALL SELECT * FROM oauth.check_signing_key
	UNION ALL SELECT * FROM oauth.check_missing_signing_key
	UNION ALL SELECT * FROM oauth.check_expired_row
	UNION ALL SELECT * FROM oauth.check_purge
	UNION ALL SELECT * FROM oauth.check_restored_reference
	UNION ALL SELECT * FROM oauth.check_restored_table;
REVOKE ALL ON oauth.finding FROM PUBLIC;
COMMENT ON VIEW oauth.finding IS 'What the views check_* find; oauth_check() adds what only the server''s process '
	'knows';
