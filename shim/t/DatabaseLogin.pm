# DatabaseLogin.pm
# A server of PostgreSQL 18 that people log in to with tokens of its own database, for tests.
#
#     my $login = DatabaseLogin->new;                    # skips the file before PostgreSQL 18
#     $login->configure('oauth.validator_timeout' => '1s', line => 'scope="db" map=people');
#     my $token = $login->token(subject => '42', scope => 'db');
#     my $alice = $login->session(user => 'alice', token => $token);      # a BearerSession
#     like($login->log, qr/refused/);                    # what was logged since the last login
#     $login->over_tls;                                  # from now on people come over hostssl, to 127.0.0.1
#
# With DatabaseLogin->new(60, tls => 1) the server has a certificate for db.example.com.
#
# SPDX-License-Identifier: PostgreSQL
package DatabaseLogin;

use strict;
use warnings;

use BearerSession;
use ShimTest qw(slurp);
use Test::More;
use TestAuthority;

# tests: how many are skipped before PostgreSQL 18. tls: the server also listens at 127.0.0.1, with a certificate.
sub new
{
	my ($class, $tests, %args) = @_;

	chomp(my $version = `pg_config --version`);
	plan(skip_all => "$tests tests: logging in with a token came with PostgreSQL 18, and this is $version")
		if $version =~ /^PostgreSQL (\d+)/ && $1 < 18;
	my $t = ShimTest->new(extension => 1, %args);
	my $self = bless { t => $t, node => $t->node, at => 0, comes => 'local all all' }, $class;

	$self->{node}->append_conf('postgresql.conf', "oauth_validator_libraries = 'oauth'\nlog_connections = on\ninclude 'validator.conf'\n");
	$t->sql(q{
		CREATE ROLE oauth_validator LOGIN; GRANT pg_use_reserved_connections TO oauth_validator;
		GRANT EXECUTE ON FUNCTION oauth.validate_login TO oauth_validator;
		CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE chief LOGIN SUPERUSER;
		CREATE ROLE deputy LOGIN; CREATE ROLE between; GRANT chief TO between; GRANT between TO deputy;
		CREATE ROLE writer LOGIN; GRANT pg_write_server_files TO writer;
		SELECT oauth_register_scope('db', 'Log in to the database');
		SELECT client_id FROM oauth_register_client(client_name => 'psql', scope => 'db read openid',
			grant_types => '{urn:ietf:params:oauth:grant-type:device_code,client_credentials,refresh_token}') \gset
		CREATE TABLE public.known AS SELECT :'client_id' AS client_id});
	$self->{client} = $t->sql('SELECT client_id FROM public.known');
	$self->configure;
	$self->_listen if $args{tls};
	return $self;
}

# At 127.0.0.1 too, over TLS.
sub _listen
{
	my ($self) = @_;
	my $dir = $self->{t}->dir;

	$self->{authority} = TestAuthority->new(dir => $dir);
	$self->{authority}->certificate('server', 'ca', 'DNS:db.example.com');
	$self->{authority}->certificate('oauth_validator', 'ca', 'DNS:oauth_validator');
	chmod 0600, map { "$dir/$_.key" } qw(server oauth_validator);
	$self->{node}->append_conf('postgresql.conf', join "\n", "listen_addresses = '127.0.0.1'", 'ssl = on', "ssl_ca_file = '$dir/ca.pem'",
		"ssl_cert_file = '$dir/server.pem'", "ssl_key_file = '$dir/server.key'", '');
	$self->{node}->restart;
	return;
}

# From the next configure() on people come over TLS, and not through the socket: BearerSession's argument for it.
sub over_tls
{
	my ($self) = @_;

	$self->{comes} = 'hostssl all all 127.0.0.1/32';
	$self->{tls} = { host => 'db.example.com', authority => $self->authority };
	return;
}

# By the authority of the server.
sub certificate { my ($self, $name, @names) = @_; return $self->{authority}->certificate($name, 'ca', @names) }

sub authority { return $_[0]{authority}->authority }
sub t { return $_[0]{t} }
sub node { return $_[0]{node} }
sub client { return $_[0]{client} }
sub sql { return $_[0]{t}->sql($_[1]) }

sub _write
{
	my ($self, $name, @lines) = @_;

	open(my $file, '>', $self->{node}->data_dir . "/$name") or die "$name: $!";
	print $file map { "$_\n" } @lines;
	close $file or die;
	return;
}

# Settings of postgresql.conf, and line: the options of the line of pg_hba.conf; map: the lines of pg_ident.conf; before: a
# line of pg_hba.conf that comes first.
sub configure
{
	my ($self, %set) = @_;
	my $line = delete $set{line} // 'scope="db" map=people';
	my $map = delete $set{map} // "people /^(.*)\$ alice\npeople 43 bob";
	my $issuer = delete $set{issuer} // 'http://localhost:8000';
	my @before = grep { defined } delete $set{before};
	my $me = getpwuid($<);
	my %conf = (
		'oauth.validator_conninfo' => 'host=' . $self->{node}->host . ' port=' . $self->{node}->port . ' dbname=postgres user=oauth_validator',
		'oauth.validator_timeout' => '10s', %set);

	$self->_write('pg_hba.conf', "local all $me,oauth_shim,oauth_validator trust",
		@before, "$self->{comes} oauth issuer=\"$issuer\" $line validator=oauth");
	$self->_write('pg_ident.conf', $map);
	$self->_write('validator.conf', map { "$_ = '" . $conf{$_} =~ s/'/''/gr . q{'} } sort keys %conf);
	# a reload is done when a new connection says so
	my $n = ++$self->{n};
	$self->{node}->append_conf('validator.conf', "test.generation = $n");
	$self->{node}->reload;
	ShimTest::wait_for(sub { $self->{node}->safe_psql('postgres', 'SHOW test.generation') eq $n }) or die 'not reloaded';
	return;
}

sub token
{
	my ($self, %args) = @_;
	my $client = $args{client} // $self->{client};
	my @more = map { defined $args{$_} ? ", $_ => '$args{$_}'" : () } qw(subject scope resource lifetime);

	return $self->sql("SELECT access_token FROM oauth_issue_token('$client'" . join('', @more) . ')');
}

sub session
{
	my ($self, %args) = @_;

	$self->{at} = length slurp($self->{node}->logfile);
	return BearerSession->new($self->{node}, user => 'alice', tls => $self->{tls}, %args);
}

sub log
{
	my ($self) = @_;
	return substr(slurp($self->{node}->logfile), $self->{at});
}

sub finish { $_[0]{t}->finish; return }

1;
