# ApacheTest.pm
# Debian's Apache with the configuration of a guide: an album of files that tokens open, and an application that says
# whom it was told about.  The modules of Apache that know OAuth differ in the lines that name them.
#
#     my $apache = ApacheTest->new('mod_oauth2', guide => 'apache-mod-oauth2.md', tests => 45);
#     $apache->start(qr{https://auth...} => 'http://...');     # the guide with names replaced
#     $apache->gets('a file, with a token', 200, qr/^file/, '/mountains.txt', $token);
#
# SPDX-License-Identifier: PostgreSQL
package ApacheTest;

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;
use ShimTest qw(certificate curl guide_blocks header skip_file slurp);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(apache_with httpd_configuration);
my $modules = '/usr/lib/apache2/modules';

# Apache's program, if it has the module.
sub apache_with
{
	my ($module) = @_;
	my ($program) = grep { -x } map { "$_/apache2" } split(/:/, $ENV{PATH}), '/usr/sbin';

	return $program && -e "$modules/$module.so" ? $program : undef;
}

# What an Apache needs that runs without root, in that directory, with modules beside the usual ones.
sub httpd_configuration
{
	my ($dir, $ports, @modules) = @_;
	my @needed = (qw(mpm_event authn_core authz_core authz_user dir env mime headers rewrite), @modules);

	return join('', map { "$_\n" } "ServerRoot $dir", 'ServerName localhost', "PidFile $dir/httpd.pid", "Mutex file:$dir default",
		"ErrorLog $dir/httpd.log", 'LogLevel warn', map({ "Listen 127.0.0.1:$_" } @$ports), 'StartServers 1',
		map({ "LoadModule ${_}_module $modules/mod_$_.so" } @needed), 'TypesConfig /dev/null');
}

# options: of the shim.  extra: lines for Apache.  Skips the file where Apache has no such module.
sub new
{
	my ($class, $module, %args) = @_;
	my $program = apache_with($module) or skip_file("$args{tests} or so", "Apache with $module is not installed");
	my $t = ShimTest->new(extension => 1);
	my $self = bless {
		%args, module => $module, program => $program, t => $t, dir => $t->dir,
		port => PostgreSQL::Test::Cluster::get_free_port(),
		application => PostgreSQL::Test::Cluster::get_free_port() }, $class;

	$t->start(@{ $args{options} // [] });
	$self->{introspector} = [ split /\|/, $t->sql((guide_blocks($args{guide}, 'sql'))[0]) ];
	($self->{client}, $self->{secret}) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Album',
		grant_types => '{client_credentials,refresh_token,oauth1_two_legged}', scope => 'read write')});
	return $self;
}

# The guide's configuration with its names replaced, those that only this guide has too: pattern => replacement.
sub _guide
{
	my ($self, @own) = @_;
	my $conf = guide_blocks($self->{guide}, 'apache');
	my $shim = $self->{t}->port;

	$conf =~ s/\*:443/127.0.0.1:$self->{port}/g;
	$conf =~ s{/etc/ssl/certs/\S+\.pem}{$self->{dir}/cert.pem}g;
	$conf =~ s{/etc/ssl/private/\S+\.key}{$self->{dir}/key.pem}g;
	while (my ($pattern, $name) = splice @own, 0, 2)
	{
		$conf =~ s/$pattern/$name/;
	}
	$conf =~ s{CLIENT_ID}{$self->{introspector}[0]};
	$conf =~ s{CLIENT_SECRET}{$self->{introspector}[1]};
	$conf =~ s{/var/www/album}{$self->{dir}/album};
	$conf =~ s/127\.0\.0\.1:8000/127.0.0.1:$shim/;
	$conf =~ s/127\.0\.0\.1:8080/127.0.0.1:$self->{application}/;
	return $conf;
}

sub start
{
	my ($self, @own) = @_;
	my ($dir, $extra) = ($self->{dir}, $self->{extra} // '');

	mkdir "$dir/album$_" or die for '', '/drafts', '/public';
	append_to_file("$dir/album$_", "file $_\n") for qw(/index.html /mountains.txt /drafts/sea.txt /public/welcome.txt);
	ok(certificate($dir), 'there is a certificate');
	append_to_file("$dir/httpd.conf", httpd_configuration($dir, [ @$self{qw(port application)} ], qw(alias proxy proxy_http ssl), $self->{module} =~ s/^mod_//r));
	append_to_file("$dir/httpd.conf", <<"END" . $self->_guide(@own));
$extra
<VirtualHost 127.0.0.1:$self->{application}>
	RewriteEngine On
	RewriteRule ^ - [R=204,L]
	Header always set Seen "expr=%{REQUEST_METHOD} %{REQUEST_URI} subject=%{HTTP:X-OAuth-Subject} client=%{HTTP:X-OAuth-Client} scope=%{HTTP:X-OAuth-Scope} token=%{HTTP:Authorization}"
</VirtualHost>
END
	$self->{t}->run_program($self->{port}, $self->{program}, '-f', "$dir/httpd.conf", '-D', 'FOREGROUND');
	return;
}

# The same Apache with its configuration changed: pattern => replacement.
sub restart
{
	my ($self, $pattern, $line) = @_;
	my $conf = slurp("$self->{dir}/httpd.conf");

	$conf =~ s/$pattern/$line/ or die "httpd.conf has no $pattern";
	unlink "$self->{dir}/httpd.conf";
	append_to_file("$self->{dir}/httpd.conf", $conf);
	$self->{t}->end_program($self->{port});
	$self->{t}->run_program($self->{port}, $self->{program}, '-f', "$self->{dir}/httpd.conf", '-D', 'FOREGROUND');
	return;
}

sub token
{
	my ($self, $scope) = @_;
	return $self->{t}->sql("SELECT access_token FROM oauth_issue_token('$self->{client}', '42', '$scope')");
}

sub ask
{
	my ($self, $host, $path, @arguments) = @_;
	return curl('--connect-to', "$host:443:127.0.0.1:$self->{port}", @arguments, "https://$host$path");
}

sub gets
{
	my ($self, $name, $status, $body, $path, $token, @arguments) = @_;
	my $answer = $self->ask('album.example.org', $path, $token ? ('-H', "Authorization: Bearer $token") : (), @arguments);

	is($answer->{status}, $status, $name) or diag($answer->{raw}, slurp("$self->{dir}/httpd.log"));
	like($answer->{body}, $body, '... and what is there') if $body;
	return $answer;
}

sub challenge_of { return join '; ', header($_[0], 'WWW-Authenticate') }

# A request that is to be refused, and what its challenge says.
sub refuses
{
	my ($self, $name, $status, $challenge, $path, $token) = @_;
	my $sentence = ref $challenge && $challenge =~ /invalid_token/ ? '... as invalid' : '... with a challenge';

	like(challenge_of($self->gets($name, $status, undef, $path, $token)), $challenge, $sentence);
	return;
}

# Files, for one token that may read and one that may write.
sub check_files
{
	my ($self, $read, $write, $challenge_of_scope) = @_;
	my ($t, $client) = @$self{qw(t client)};

	$self->gets('a public file needs no token', 200, qr/^file .public/, '/public/welcome.txt');
	$self->gets('a file, with a token', 200, qr/^file .mountains/, '/mountains.txt', $read);
	$self->gets('the index', 200, qr/^file .index/, '/', $read);
	$self->gets('a draft, with the scope for it', 200, qr/^file .drafts/, '/drafts/sea.txt', $write);
	$self->refuses('R139: no token', 401, qr/^Bearer/, '/mountains.txt');
	$self->refuses('R141: a token without the scope', 403, $challenge_of_scope, '/drafts/sea.txt', $read);
	$self->gets('R143: a token in the address is none', 401, undef, "/mountains.txt?access_token=$read");
	for my $bad ('oat_' . 'A' x 54, 'x', $t->sql("SELECT refresh_token FROM oauth_issue_token('$client', '42', 'read', refresh => true)"))
	{
		$self->refuses('R140, R147: what is not an access token', 401, qr/error="invalid_token"/, '/', $bad);
	}
	for my $path (qw(/public/../drafts/sea.txt /public/..%2fdrafts/sea.txt /./drafts/sea.txt //drafts/sea.txt /%64rafts/sea.txt))
	{
		isnt($self->ask('album.example.org', $path)->{status}, 200, "$path without a token");
		unlike($self->ask('album.example.org', $path, '-H', "Authorization: Bearer $read")->{body}, qr/^file/, '... and with one that lacks the scope');
	}
	$t->sql(q{SELECT oauth_register_scope('read-nothing', 'x')});
	$t->sql("SELECT oauth_update_client('$client', '{\"scope\": \"read write read-nothing\"}')");
	$self->gets('a scope that begins like the one it needs', 403, undef, '/mountains.txt', $self->token('read-nothing'));
	$self->gets('a token', 200, undef, '/mountains.txt', my $brief = $self->token('read'));
	$t->sql("SELECT oauth_revoke_token('$brief')");
	$self->refuses('R160: once it is revoked', 401, qr/invalid_token/, '/mountains.txt', $brief);
	$self->gets('another', 200, undef, '/mountains.txt', my $old = $self->token('read'));
	$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
	$self->gets('R140: once it has expired', 401, undef, '/mountains.txt', $old);
	return;
}

# The application, which hears of nobody but whom the token names.  forged: names of fields that a client might send.
sub check_application
{
	my ($self, $read, $own, @forged) = @_;
	my @fields = map { ('-H', $_) } 'X-OAuth-Subject: 43', 'X-OAuth-Scope: admin', map { "$_: 43" } @forged;
	my $client = $self->{client};

	is(header($self->gets('the application', 204, undef, '/app/x', $read, @fields), 'Seen'), "GET /app/x subject=42 client=$client scope=read token=", '... is told who calls, not the token');
	is(header($self->gets('a client that calls for itself', 204, undef, '/app/', $own, @fields), 'Seen'), "GET /app/ subject=$client client=$client scope=read token=", '... is its own subject');
	is(header($self->gets('without a token', 401, undef, '/app/', undef, @fields), 'Seen'), undef, '... it is not asked');
	return;
}

# JWTs that the provider did not make, or not for this, and what happens when it has new keys.
sub check_jwts
{
	my ($self, $issuer, $read) = @_;
	my $t = $self->{t};

	# Tampered with, each in one place.
	my ($header, $payload, $signature) = split /\./, $read;
	my $claims = decode_base64url($payload);
	my ($exp) = $claims =~ /"exp": ?(\d+)/;
	my $with_claims = sub { my ($from, $to) = @_; my $new = $claims =~ s/$from/$to/r; die if $new eq $claims; return "$header." . encode_base64url($new) . ".$signature" };
	my ($kid) = decode_base64url($header) =~ /"kid": ?"([^"]+)"/;
	my $public = $t->sql("SELECT public_key FROM oauth.signing_key WHERE kid = '$kid'");
	my $forged = encode_base64url(qq({"alg": "HS256", "typ": "at+jwt", "kid": "$kid"})) . ".$payload";
	my $mac = $t->sql("SELECT translate(replace(encode(hmac('$forged', \$k\$$public\$k\$, 'sha256'), 'base64'), '=', ''), '+/', '-_')");
	for ([ 'another signature', "$header.$payload." . ($signature =~ /^A/ ? 'B' : 'A') . substr($signature, 1) ], [ 'no signature', "$header.$payload." ],
		[ 'more scope than was signed', $with_claims->(qr/"scope": ?"read"/, '"scope": "read write"') ], [ 'a later end', $with_claims->(qr/\b$exp\b/, $exp + 1) ],
		[ 'alg none', encode_base64url('{"alg": "none", "typ": "at+jwt"}') . ".$payload." ], [ 'the public key as a secret', "$forged.$mac" ], [ 'an opaque token', 'oat_' . 'A' x 54 ])
	{
		my ($name, $bad) = @$_;
		$self->refuses("$name opens nothing", 401, qr/error="invalid_token"/, '/mountains.txt', $bad);
	}
	$self->gets('a JWT as the provider makes it', 200, undef, '/mountains.txt', $self->signed($issuer, 'at+jwt'));
	$self->gets('one that has expired', 401, undef, '/mountains.txt', $self->signed($issuer, 'at+jwt', iat => time - 7200, exp => time - 60));
	# an ID token has no scope
	$self->gets('an ID token', 403, undef, '/mountains.txt', $self->signed($issuer, 'JWT', aud => $self->{client}, client_id => undef, scope => undef));

	# All keys are replaced at once: the module meets a kid that it does not know, and asks for the set.
	$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
	$self->gets('a JWT of a new key', 200, undef, '/mountains.txt', $self->token('read'));
	$self->gets('one of the key before', 200, undef, '/mountains.txt', $read);
	return;
}

# A JWT that the provider has signed, of that typ, with other claims.
sub signed
{
	my ($self, $issuer, $typ, %more) = @_;
	my %inside = (iss => $issuer, sub => '42', aud => $issuer, client_id => 'x', scope => 'read', iat => time, exp => time + 300, %more);

	delete @inside{ grep { !defined $inside{$_} } keys %inside };
	return $self->{t}->sql('SELECT oauth_sign_jwt($j$' . encode_json(\%inside) . "\$j\$, 'ES256', '$typ')");
}

# The end: without a shim nothing opens but what is public.
sub finish
{
	my ($self, $read) = @_;

	$self->{t}->stop;
	$self->gets('while there is no shim', 401, undef, '/mountains.txt', $read);
	$self->gets('what is public is served', 200, undef, '/public/welcome.txt');
	$self->{t}->finish;
	return;
}

1;
