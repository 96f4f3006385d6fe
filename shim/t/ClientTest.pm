# ClientTest.pm
# Other people's clients, each a program in clients/ that prints what it got: a line a step, such as
#
#     code {"subject": ..., "username": "alice", "client_id": ..., "scope": "read", "auth": "bearer"}
#
# where the JSON is the answer of /api/ to the token of that step. What the server's audit log says is looked at too.
#
#     my $clients = ClientTest->serve;              # with a server of its own, where alice can log in
#     $clients->start({ name => 'curl', grants => [qw(code refresh)], command => [ 'sh', 'curl.sh' ] });
#     $clients->check_all;
#
# SPDX-License-Identifier: PostgreSQL
package ClientTest;

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use ShimTest qw(skip_tests slurp);

my $here = "$FindBin::RealBin/clients";

# What the audit log calls the steps, and what a test says of them.
my %steps = (
	code => { event => 'issue authorization_code', sentence => 'a person logs in' },
	refresh => { event => 'refresh', sentence => 'it refreshes the token' },
	client_credentials => { event => 'issue client_credentials', sentence => 'it gets a token of its own' });

# A server where alice can log in, and a shim at the address of oauth.issuer, with these options.
sub serve
{
	my ($class, @options) = @_;
	my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
	my $port = PostgreSQL::Test::Cluster::get_free_port();

	$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
	$t->sql(q{SELECT oauth_register_scope('openid', 'Know who you are'), oauth_register_scope('profile', 'Know your name')});
	$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
	$t->{last_port} = $port;
	$t->start('--same-port', @options);
	return $class->new($t);
}

# Of a server that has the user alice already.
sub new
{
	my ($class, $t) = @_;
	my $subject = $t->sql(q{SELECT subject FROM oauth.user WHERE username = 'alice'});
	my %environment = (OAUTH_URL => 'http://127.0.0.1:' . $t->port, LOGIN => 'alice', PASSWORD => 'wonderland',
		REDIRECT_URI => 'http://127.0.0.1:9/back', USER_AGENT => "$here/user_agent.py", PYTHONDONTWRITEBYTECODE => 1,
		NODE_NO_WARNINGS => 1);

	return bless { t => $t, subject => $subject, environment => \%environment, clients => [] }, $class;
}

# The steps of a client: pkce says that the server demands PKCE of it, scope what its tokens have.
sub _register
{
	my ($self, $client) = @_;
	my $uris = join ',', 'http://127.0.0.1/back', map { "http://127.0.0.1/$_" } @{ $client->{paths} // [] };
	my $pkce = $client->{pkce} ? 'true' : 'false';

	return split /\|/, $self->{t}->sql(qq{SELECT client_id, client_secret FROM oauth_register_client(\$\$$client->{name}\$\$,
		redirect_uris => '{$uris}', grant_types => '{authorization_code,refresh_token,client_credentials}',
		require_pkce => $pkce, scope => 'read openid profile')});
}

# Start a client; it runs beside the others until check_all.
# { name, command, grants, pkce, scope, paths, missing }: grants are its steps, paths are of redirect URIs, missing says what this machine lacks.
# With { complaint } it is to fail, and to say what matches that; with { lacks_scope } it may not have the scope it asks for.
sub start
{
	my ($self, $client) = @_;

	push @{ $self->{clients} }, $client;
	return if $client->{missing};
	my ($id, $secret) = $self->_register($client);
	$self->{t}->sql("UPDATE oauth.client SET scope = 'write' WHERE client_id = '$id'") if $client->{lacks_scope};
	my $out = $self->{t}->dir . '/client.' . scalar @{ $self->{clients} };
	my $pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		delete @ENV{ grep { /_proxy\z/i } keys %ENV };
		%ENV = (%ENV, %{ $self->{environment} }, CLIENT_ID => $id, CLIENT_SECRET => $secret, %{ $client->{environment} // {} });
		chdir $here;
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', $out) or die;
		open(STDERR, '>', "$out.err") or die;
		exec('timeout', '300', @{ $client->{command} }) or POSIX::_exit(127);
	}
	@$client{qw(id pid out)} = ($id, $pid, $out);
	return;
}

sub check_all
{
	my ($self) = @_;

	$self->_check($_) for @{ $self->{clients} };
	return;
}

sub _check
{
	my ($self, $client) = @_;

  SKIP:
	{
		my @steps = @{ $client->{steps} // $client->{grants} // [] };
		skip_tests($client->{complaint} ? 3 : @steps + 2, "$client->{name}: $client->{missing}") if $client->{missing};
		waitpid($client->{pid}, 0);
		return $self->_check_complaint($client) if $client->{complaint};
		is($?, 0, "$client->{name} comes to its end") or diag(slurp($client->{out}), slurp("$client->{out}.err"));
		my %answers = slurp($client->{out}) =~ /^(\w+) (\{.*\})$/mg;
		$self->_check_step($client, $_, $answers{$_}) for @steps;
		is($self->{t}->sql(qq{SELECT string_agg(concat_ws(' ', event, detail), ', ' ORDER BY handle) FROM oauth.event
			WHERE client_id = '$client->{id}' AND event IN ('issue', 'refresh') AND outcome IS NULL}),
			$client->{events} // join(', ', map { $steps{$_} ? $steps{$_}{event} : () } @steps), '... and the audit log has just these grants');
	}
	return;
}

# A client that was refused: it says why, and got no token.
sub _check_complaint
{
	my ($self, $client) = @_;
	my $said = slurp($client->{out}) . slurp("$client->{out}.err");

	isnt($?, 0, "$client->{name}: it ends in failure");
	like($said, $client->{complaint}, '... and says why');
	is($self->{t}->sql("SELECT count(*) FROM oauth.event WHERE client_id = '$client->{id}' AND event = 'issue' AND outcome IS NULL"),
		0, '... and got no token');
	return;
}

sub _check_step
{
	my ($self, $client, $step, $json) = @_;
	my $answer = eval { JSON::PP->new->decode($json) } // {};
	my $whose = $step eq 'client_credentials' ? {} : { subject => $self->{subject}, username => 'alice' };
	my $scope = $step eq 'client_credentials' ? 'read' : $client->{scope} // 'read';
	my $how = $step eq 'code' && $client->{pkce} ? ', with PKCE' : '';

	is_deeply($answer, { %$whose, client_id => $client->{id}, scope => $scope, auth => 'bearer' },
		"... $steps{$step}{sentence}$how, and it calls with it");
	return;
}

1;
