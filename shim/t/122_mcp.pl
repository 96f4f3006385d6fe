#!/usr/bin/perl
# 122_mcp.pl: docs/mcp.md with the Model Context Protocol's own SDK and inspector: three servers, and three ways to become their client.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::RealBin;
use ShimTest qw(curl guide_blocks header json skip_file skip_tests slurp without_npm);
use WebServer qw(own_address);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

my $why = without_npm('@modelcontextprotocol/sdk', '@modelcontextprotocol/inspector-cli', 'express', 'jose', 'zod');
skip_file('85 or so', $why) if $why;

my $clients = "$FindBin::RealBin/clients";
my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.registration = open\noauth.client_id_metadata_documents = on");
my $dir = $t->dir;
my $port = $t->{last_port} = PostgreSQL::Test::Cluster::get_free_port();
my $issuer = "http://127.0.0.1:$port";
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'");
my $alice = $t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});

# The client's document, at an https address as the SDK wants it
my $address = own_address(1);
my $web = WebServer->new(dir => $dir);
$web->certificate('good', 'ca', "IP:$address");
$web->listen($address, 8443, tls => 'good');
my $document = "https://$address:8443/file/mcp";
my $redirect_uri = 'http://127.0.0.1:9/back';
$web->put('mcp', encode_json({ client_id => $document, client_name => 'MCP client', redirect_uris => [$redirect_uri], token_endpoint_auth_method => 'none',
	grant_types => [qw(authorization_code refresh_token)], response_types => ['code'] }));
$t->start('--same-port', '--fetch-ca=' . $web->authority, "--fetch-allow=$address");

# ---- the guide's servers ----
my ($settings, $function, @others) = guide_blocks('mcp.md', 'sql');
$t->sql($function);
for my $block (guide_blocks('mcp.md', 'js'))
{
	my ($file) = $block =~ m{\A// (\w+\.mjs)$}m or die $block;
	append_to_file("$dir/$file", $block);
}
symlink("$clients/node_modules", "$dir/node_modules") or die;
my ($id, $secret) = split /\|/, $t->sql($others[0]);
my @servers = ({ name => 'a function behind oauth_protect', url => "$issuer/api/diary" });
for my $program ('introspects', 'verifies')
{
	my $listens = PostgreSQL::Test::Cluster::get_free_port();
	my $server = { name => "a Node server that $program", url => "http://127.0.0.1:$listens/mcp", port => $listens, program => $program };
	$t->sql($others[1] =~ s{https://diary\.example\.org/mcp}{$server->{url}}r) if $program eq 'verifies';
	serve($server);
	push @servers, $server;
}

sub serve
{
	my ($server) = @_;
	$t->run_program($server->{port}, 'env', 'NODE_NO_WARNINGS=1', "OAUTH_URL=$issuer", "CLIENT_ID=$id", "CLIENT_SECRET=$secret", "RESOURCE=$server->{url}",
		'node', '--experimental-global-webcrypto', "$dir/$server->{program}.mjs");
	return;
}

# At what a person was sent to the provider: the status of the refusal, the resource and the scope that were asked for.
sub asked
{
	my ($result) = @_;
	return [ map { [ @$_{qw(refusal resource)}, join ' ', sort split / /, $_->{scope} // '' ] } @{ $result->{asked} } ];
}

# A command that makes all tokens for this resource expire.
sub expire { my ($url) = @_; return 'psql -qX -d "' . $t->node->connstr('postgres') . qq{" -c "UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE resource = '$url'"} }

sub run_client
{
	my (%more) = @_;
	local %ENV = (%ENV, OAUTH_URL => $issuer, LOGIN => 'alice', PASSWORD => 'wonderland', PYTHONDONTWRITEBYTECODE => 1, NODE_NO_WARNINGS => 1, %more);
	my $errors = "$dir/client.err";
	open(my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>"$0"', $errors, 'node', '--experimental-global-webcrypto', "$clients/mcp_end_to_end.mjs") or die $!;
	my $out = do { local $/; <$pipe> } // '';
	close $pipe;
	return eval { decode_json($out) } // (diag($out . slurp($errors) . ($more{PORT} ? $t->program_log($more{PORT}) : '')), {});
}

# ---- each server with each kind of client ----
my $registered = $t->sql("SELECT client_id FROM oauth_register_client('Registered', '{$redirect_uri}', scope => 'read write openid profile email address phone offline_access', client_type => 'public')");
my @ways = (
	[ 'by its metadata document', qr/\A\Q$document\E\z/, CLIENT_DOCUMENT => $document ],
	[ 'by registration', qr/\A[0-9a-f]{32}\z/ ],
	[ 'with a client_id that it was given', qr/\A\Q$registered\E\z/, CLIENT_ID => $registered ]);
my %tokens;
for my $n (0 .. $#servers)
{
	my ($server, $other) = @servers[ $n, ($n + 1) % 3 ];
	my $url = $server->{url};

	# RFC 9728, section 5.1: "WWW-Authenticate [...] resource_metadata"
	my $nobody = curl('-d', '{}', '-H', 'Content-Type: application/json', $url);
	is($nobody->{status}, 401, "$server->{name}: nobody gets in");
	my ($metadata) = (header($nobody, 'WWW-Authenticate') // '') =~ /resource_metadata="([^"]+)"/;
	my $described = json(curl($metadata));
	# RFC 9728, section 3.3: "The resource value returned MUST be identical to the protected resource's resource identifier value"
	is($described->{resource}, $url, 'the challenge leads to its metadata, of this server and no other');
	is_deeply($described->{authorization_servers}, [$issuer], 'and that to the provider');
	for my $way (@ways)
	{
		my ($how, $client_id, @environment) = @$way;
		$t->sql('DELETE FROM diary.entry');
		my $result = run_client(SERVER_URL => $url, OTHER_URL => $other->{url}, PORT => $server->{port} // '',
			EXPIRE => ($server->{program} // '') eq 'verifies' ? '' : expire($url), @environment);
		like($result->{client_id} // '', $client_id, "a client gets in $how");
		is_deeply($result->{tools}, [qw(read add)], '... and sees the tools');
		is_deeply(asked($result), [ [ 401, $url, 'read' ], [ 403, $url, 'read write' ] ], '... asking for this server, and for more scope when it is told');
		is_deeply([ grep { /\A(?:read|write)\z/ } sort split / /, $result->{scope} // '' ], [qw(read write)], '... that has the scope, after a refresh too');
		is($result->{elsewhere}, 401, '... and another server refuses its token');
		$tokens{$url} = $result->{token};
		if ($server->{port})    # it remembers what was written
		{
			$t->end_program($server->{port});
			serve($server);
		}
	}
}
is(scalar $web->requests, 1, 'the document was fetched once');
is($t->sql('SELECT count(*) FROM oauth.client WHERE is_document'), 1, 'and is one client');

# ---- the inspector of before, which wants a token; its command line expects to lie in a folder of the whole ----
my $inspector = "$clients/node_modules/\@modelcontextprotocol/inspector-cli";
system('mkdir', '-p', "$dir/inspector/cli") == 0 && system('cp', '-r', "$inspector/build", "$dir/inspector/cli") == 0
  && system('cp', "$inspector/package.json", "$dir/inspector") == 0 or die;
for my $server (@servers)
{
	my $out = `NODE_NO_WARNINGS=1 node --experimental-global-webcrypto $dir/inspector/cli/build/cli.js --cli $server->{url} --transport http --method tools/list --header 'Authorization: Bearer $tokens{$server->{url}}' 2>$dir/inspector.err`;
	is_deeply([ map { $_->{name} } @{ (eval { decode_json($out) } // {})->{tools} // [] } ], [qw(read add)], "the inspector sees the tools of $server->{name}") or diag($out, slurp("$dir/inspector.err"));
}

# ---- the inspector of today, which finds the provider and logs in by itself; the person's browser is user_agent.py ----
SKIP:
{
	my $launcher = "$clients/node_modules/\@modelcontextprotocol/inspector/clients/launcher/build/index.js";
	my $version = JSON::PP->new->decode(slurp("$clients/node_modules/\@modelcontextprotocol/inspector/package.json") || '{"version": "none"}')->{version};
	my $starts = system("node $launcher --cli --version >$dir/inspector.err 2>&1") == 0;
	skip_tests(27, "the inspector $version does not start with Node.js " . `node --version`) unless $starts;
	my $callback = 'http://127.0.0.1:' . PostgreSQL::Test::Cluster::get_free_port() . '/oauth/callback';
	my $inspected = $t->sql("SELECT client_id FROM oauth_register_client('Inspector', '{$callback}', scope => 'read write offline_access', client_type => 'public')");
	my $its_document = "https://$address:8443/file/inspector";
	$web->put('inspector', encode_json({ client_id => $its_document, client_name => 'Inspector', redirect_uris => [$callback], token_endpoint_auth_method => 'none',
		grant_types => [qw(authorization_code refresh_token)], response_types => ['code'] }));
	append_to_file("$dir/browser", qq{#!/bin/sh\necho "\$1" >> $dir/browsed\ncurl -s "\$(/usr/bin/python3 $clients/user_agent.py "\$1" alice wonderland)"\n});
	chmod 0755, "$dir/browser" or die;

	my $inspect = sub {
		my ($home, @arguments) = @_;
		local %ENV = (%ENV, HOME => "$dir/$home", BROWSER => "$dir/browser", MCP_AUTO_OPEN_ENABLED => 'true', MCP_INSPECTOR_SECRET_STORE => 'file', NODE_NO_WARNINGS => 1);
		delete $ENV{DISPLAY};
		unlink "$dir/browsed";
		mkdir "$dir/$home";
		open(my $pipe, '-|', 'sh', '-c', 'exec timeout 60 "$@" 2>"$0" </dev/null', "$dir/inspector.err", 'node', $launcher, '--cli', @arguments,
			'--transport', 'http', '--format', 'json', '--callback-url', $callback) or die $!;
		my $out = do { local $/; <$pipe> } // '';
		close $pipe;
		return eval { decode_json($out)->{result} } // (diag($out, slurp("$dir/inspector.err")), {});
	};
	my $browsed = sub { return [ map { { map { tr/+/ /r =~ s/%(..)/chr hex $1/ger } map { split /=/ } split /&/, s/.*?\?//r } } split /\n/, slurp("$dir/browsed") ] };
	my $homes = 0;
	my @its_ways = ([ 'by its metadata document', qr/\A\Q$its_document\E\z/, '--client-metadata-url', $its_document ], [ 'by registration', qr/\A[0-9a-f]{32}\z/ ], [ 'with a client_id that it was given', qr/\A\Q$inspected\E\z/, '--client-id', $inspected ]);
	for my $n (0 .. $#servers)
	{
		for my $way (@its_ways)
		{
			my ($how, $client_id, @arguments) = @$way;
			my $url = $servers[$n]{url};
			my $result = $inspect->('home.' . ++$homes, $url, '--method', 'tools/list', @arguments);
			is_deeply([ map { $_->{name} } @{ $result->{tools} // [] } ], [qw(read add)], "the inspector $version logs in $how and sees the tools of $servers[$n]{name}");
			my $asked = $browsed->()->[0] // {};
			is($asked->{resource}, $url, '... with a token for that');
			like($asked->{client_id} // '', $client_id, "... $how");
		}
	}
}

# ---- a token without the scope of the function: oauth_protect's own challenge, and the SDK's answer to that ----
my $without = $t->sql("SELECT access_token FROM oauth_issue_token('$registered', '$alice', 'openid', resource => '$issuer/api/diary')");
$t->sql('DELETE FROM diary.entry');
my $result = run_client(SERVER_URL => "$issuer/api/diary", OTHER_URL => $servers[1]{url}, CLIENT_ID => $registered, EXPIRE => expire("$issuer/api/diary"), TOKEN => $without);
$tokens{"$issuer/api/diary"} = $result->{token};
is_deeply(asked($result), [ [ 403, "$issuer/api/diary", 'read' ], [ 403, "$issuer/api/diary", 'read write' ] ], 'a token without the scope of the function brings its client to ask for that');
is($t->sql("SELECT string_agg(DISTINCT a.resource, ' ') FROM oauth.access_token a JOIN oauth.grant g ON g.handle = a.grant_handle WHERE g.client_id = '$registered' AND a.resource LIKE '$issuer%'"),
	"$issuer/api/diary", 'all tokens for the function, those after a refresh too, are for it and nothing else');

# ---- the function's own challenge ----
my $narrow = $t->sql("SELECT access_token FROM oauth_issue_token('$registered', '$alice', 'read')");
my $refused = curl('-d', '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add", "arguments": {"body": "x"}}}',
	'-H', 'Content-Type: application/json', '-H', "Authorization: Bearer $narrow", "$issuer/api/diary");
is($refused->{status}, 403, 'a tool that needs more scope is not called');
like(header($refused, 'WWW-Authenticate'), qr/error="insufficient_scope", scope="read write"/, 'and the challenge says which');

# ---- a token that has ended ----
$t->sql("SELECT oauth_revoke_token('$tokens{ $servers[$_]{url} }')") for 0 .. 2;
my @statuses = map { curl('-d', '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}', '-H', 'Content-Type: application/json', '-H', 'Accept: application/json, text/event-stream',
	'-H', "Authorization: Bearer $tokens{ $_->{url} }", $_->{url})->{status} } @servers;
is_deeply(\@statuses, [ 401, 401, 200 ], 'one that was revoked is refused at once where the provider is asked, and elsewhere when it expires');

$t->finish;
done_testing();
