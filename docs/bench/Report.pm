# Report.pm: medians, the table, the figures with their goals, and the files that plots are drawn from.
# SPDX-License-Identifier: PostgreSQL
package Report;

use strict;
use warnings;

# What was measured, in the order of the table.
our @rows = (
	[ no_database => '(a) CivetWeb without a database' ],
	[ thread_per_connection => '(b) CivetWeb, one SELECT, a connection a thread' ],
	[ auth => '(c) GET /auth, bearer' ],
	[ introspect => '(d) POST /oauth2/introspect' ],
	[ client_credentials => '(e) client_credentials, durable' ],
	[ refresh => '(f) refresh, durable' ],
	[ exchange => '(i) code exchange, durable' ],
	[ authorize => '(j) authorize and exchange, durable' ],
	[ auth_quiet => '(g) GET /auth, undisturbed' ],
	[ auth_under_wrong_passwords => '(g) GET /auth, 8 clients send wrong passwords' ],
	[ wrong_passwords => '(g) those wrong passwords' ],
	[ exchange_openid_es256 => '(k) code exchange with an ES256 ID token, durable' ],
	[ exchange_openid_rs256 => '(k) code exchange with an RS256 ID token, durable' ],
	[ openssl_signs => '(k) openssl speed rsa2048, sign, all processors' ],
	[ opaque => '(l) client_credentials, opaque' ],
	[ jwt => '(l) client_credentials, ES256 JWT' ],
	[ auth_beside_rs256 => '(m) GET /auth, 64 clients get RS256 ID tokens' ],
	[ refresh_quiet => '(m) refresh, undisturbed' ],
	[ refresh_beside_rs256 => '(m) refresh, 64 clients get RS256 ID tokens' ],
	[ beside_openid_rs256 => '(m) those RS256 ID tokens' ],
	[ no_database_jwks => '(n) CivetWeb without a database, as long an answer as the key set' ],
	[ jwks => '(n) GET /oauth2/jwks' ],
	[ no_database_discovery => '(n) CivetWeb without a database, as long an answer as discovery' ],
	[ discovery => '(n) GET /.well-known/openid-configuration' ],
	[ pushed => '(o) pushed authorization requests, durable' ],
	[ auth_1k => 'GET /auth, 1 thousand tokens stored' ],
	[ auth_1m => 'GET /auth, all tokens stored' ],
	[ select => 'SQL: plain primary-key SELECT' ],
	[ verify => 'SQL: oauth_verify_token' ],
	[ insert => 'SQL: plain durable INSERT' ],
	[ rows => 'SQL: the rows of a token by plain INSERTs, durable' ],
	[ issue => 'SQL: oauth_issue_token, durable' ],
	[ auth_unsigned => '(h) GET /auth, bearer' ],
	[ auth_signed => '(h) GET /auth, HMAC-SHA1, nonce durable' ],
	[ auth_unbound => '(p) GET /auth, bearer' ],
	[ auth_dpop => '(p) GET /auth, DPoP with ES256, jti durable' ],
	[ auth_beside_nothing => '(q) GET /auth, undisturbed' ],
	[ auth_beside_import => '(q) GET /auth, a million tokens are imported' ],
	[ auth_beside_purge => '(q) GET /auth, a million expired tokens are purged' ],
	map({ ([ "hmac_$_" => "SQL: oauth_verify_signature HMAC-$_" ], [ "openssl_hmac_$_" => "openssl speed HMAC-$_, 256 bytes" ]) }
		qw(SHA1 SHA256 SHA512)),
	map({ [ "rsa_$_" => "SQL: oauth_verify_signature RSA-$_" ] } qw(SHA1 SHA256 SHA512)),
	[ openssl_rsa => 'openssl speed rsa2048, verify' ],
	[ plaintext => 'SQL: oauth_verify_signature PLAINTEXT' ],
);

# Name, goal, whether the goal is an upper bound, and the value, out of the report.
our @figures = (
	[ auth_vs_no_database => 0.6, 0, sub { $_[0]->ratio('auth', 'no_database') } ],
	[ auth_vs_thread_per_connection => 2.0, 0, sub { $_[0]->ratio('auth', 'thread_per_connection') } ],
	[ client_credentials_vs_insert => 1.2, 0, sub { $_[0]->ratio('client_credentials', 'insert') } ],
	[ refresh_vs_insert => 0.8, 0, sub { $_[0]->ratio('refresh', 'insert') } ],
	[ introspect_vs_no_database => 0.5, 0, sub { $_[0]->ratio('introspect', 'no_database') } ],
	[ exchange_vs_insert => 0.8, 0, sub { $_[0]->ratio('exchange', 'insert') } ],
	[ verify_vs_select => 0.75, 0, sub { $_[0]->ratio('verify', 'select') } ],
	[ issue_vs_insert => 0.6, 0, sub { $_[0]->ratio('issue', 'insert') } ],
	[ auth_p99_vs_median => 4, 1, sub { $_[0]->tail('auth') } ],
	[ wal_bytes_per_token => 300, 1, sub { $_[0]->{wal_bytes_per_token} } ],
	[ auth_p99_under_wrong_passwords => 2, 1, sub { $_[0]->ratio('auth_under_wrong_passwords', 'auth_quiet', 'p99') } ],
	[ shim_resident_mb => 16, 1, sub { $_[0]->{shim_resident_mb} } ],
	[ rate_1m_vs_1k => 0.9, 0, sub { $_[0]->ratio('auth_1m', 'auth_1k') } ],
	[ auth_dpop_vs_bearer => 0.5, 0, sub { $_[0]->ratio('auth_dpop', 'auth_unbound') } ],
	[ auth_oauth1_vs_bearer => 0.65, 0, sub { $_[0]->ratio('auth_signed', 'auth_unsigned') } ],
	[ verify_signature_vs_openssl => 0.2, 0, sub { $_[0]->ratio('hmac_SHA1', 'openssl_hmac_SHA1', 'rate', 1) } ],
	[ exchange_es256_vs_exchange => 0.7, 0, sub { $_[0]->ratio('exchange_openid_es256', 'exchange') } ],
	[ exchange_rs256_vs_openssl => 0.7, 0, sub { $_[0]->ratio('exchange_openid_rs256', 'openssl_signs') } ],
	[ jwt_vs_opaque => 0.6, 0, sub { $_[0]->ratio('jwt', 'opaque') } ],
	[ par_vs_client_credentials => 0.8, 0, sub { $_[0]->ratio('pushed', 'opaque') } ],
	[ jwks_vs_no_database => 0.5, 0, sub { $_[0]->ratio('jwks', 'no_database_jwks') } ],
	[ discovery_vs_no_database => 0.5, 0, sub { $_[0]->ratio('discovery', 'no_database_discovery') } ],
	[ auth_p99_beside_rs256 => 2, 1, sub { $_[0]->ratio('auth_beside_rs256', 'auth_quiet', 'p99') } ],
	[ refresh_p99_beside_rs256 => 2, 1, sub { $_[0]->ratio('refresh_beside_rs256', 'refresh_quiet', 'p99') } ],
	[ auth_p99_beside_import => 2, 1, sub { $_[0]->ratio('auth_beside_import', 'auth_beside_nothing', 'p99') } ],
	[ auth_p99_beside_purge => 2, 1, sub { $_[0]->ratio('auth_beside_purge', 'auth_beside_nothing', 'p99') } ],
	[ cold_start_ms => 100, 1, sub { $_[0]->median_of('ready_after') } ],
	[ first_request_ms => 5, 1, sub { $_[0]->median_of('first_request') } ],
	[ nonce_growth => 1.1, 1, sub { $_[0]->{nonce_growth} } ],
);

sub new
{
	my ($class) = @_;
	return bless { runs => {} }, $class;
}

# Remembers one run, as Load.pm returns it.
sub add
{
	my ($self, $name, $connections, $run) = @_;
	push @{ $self->{runs}{$name}{$connections} }, $run;
}

# All values of one kind, smallest first; kinds are rate, p50, p99, errors.
sub _values
{
	my ($self, $name, $connections, $kind) = @_;
	my $runs = $self->{runs}{$name} // {};    # which looking for one that there is not leaves as they are
	my @values = sort { $a <=> $b } grep { defined } map { $_->{$kind} } @{ $runs->{$connections} // [] };
	return @values;
}

# The fastest run.
sub most
{
	my ($self, $name, $connections) = @_;
	return ($self->_values($name, $connections, 'rate'))[-1];
}

sub median
{
	my ($self, $name, $connections, $kind) = @_;
	$self->{used}{$name} = 1;
	my @values = $self->_values($name, $connections, $kind);
	return @values ? ($values[$#values / 2] + $values[@values / 2]) / 2 : undef;
}

# Milliseconds of a cold start, and of the first request after it.
sub add_start
{
	my ($self, $ready_after, $first_request) = @_;
	push @{ $self->{ready_after} }, $ready_after;
	push @{ $self->{first_request} }, $first_request;
}

# The value in the middle of what `add_start` remembers.
sub median_of
{
	my ($self, $which) = @_;
	my @values = sort { $a <=> $b } @{ $self->{$which} // [] };
	return @values ? $values[@values / 2] : undef;
}

# Two medians, at 64 connections unless told otherwise, one over the other.
sub ratio
{
	my ($self, $above, $below, $kind, $connections) = @_;
	my @medians = grep { $_ } map { $self->median($_, $connections // 64, $kind // 'rate') } $above, $below;
	return @medians == 2 ? $medians[0] / $medians[1] : undef;
}

# How much longer the slowest of a hundred take than the one in the middle.
sub tail
{
	my ($self, $name) = @_;
	my $p50 = $self->median($name, 64, 'p50');
	return $p50 ? $self->median($name, 64, 'p99') / $p50 : undef;
}

# How many answers of a load were not what was asked for.
sub _wrong
{
	my ($self, $name) = @_;
	my $wrong = 0;
	$wrong += $_->{errors} for map { @$_ } values %{ $self->{runs}{$name} };
	return $wrong;
}

# The loads that had any of those, as NAME (NUMBER).
sub errors
{
	my ($self) = @_;
	return map { my $wrong = $self->_wrong($_); $wrong ? "$_ ($wrong)" : () } sort keys %{ $self->{runs} };
}

sub _cell
{
	my ($format, $value) = @_;
	return defined $value ? sprintf $format, $value : '';
}

sub _row
{
	my ($self, $name, $label, $connections) = @_;
	my @rates = $self->_values($name, $connections, 'rate');
	my $errors = 0;
	$errors += $_ for $self->_values($name, $connections, 'errors');
	return [
		$label, $connections,
		_cell('%.0f', $self->median($name, $connections, 'rate')),
		sprintf('%.0f to %.0f', @rates[ 0, -1 ]),
		_cell('%.2f', $self->median($name, $connections, 'p50')),
		_cell('%.2f', $self->median($name, $connections, 'p99')),
		$errors,
	];
}

# Rows of cells in Markdown, the first the heading; so many columns are words, the others numbers.
sub _markdown
{
	my ($words, @table) = @_;
	my @columns = 0 .. $#{ $table[0] };
	my @widths = map { my $column = $_; (sort { $b <=> $a } map { length $_->[$column] } @table)[0] } @columns;
	my @formats = map { '%' . ($_ < $words ? '-' : '') . $widths[$_] . 's' } @columns;
	my @lines = map { sprintf('| ' . join(' | ', @formats) . " |\n", @$_) } @table;
	my @rule = map { '-' x ($widths[$_] + 1) . ($_ < $words ? '-' : ':') } @columns;
	splice @lines, 1, 0, '|' . join('|', @rule) . "|\n";
	return join '', @lines;
}

# The table in Markdown, in columns that also read well on a terminal.
sub table
{
	my ($self) = @_;
	my @table = ([ 'what', 'connections', 'a second', 'runs', 'p50 ms', 'p99 ms', 'errors' ]);
	for my $row (@rows)
	{
		my ($name, $label) = @$row;
		my @connections = sort { $a <=> $b } keys %{ $self->{runs}{$name} };
		push @table, map { $self->_row($name, $label, $_) } @connections;
	}
	return _markdown(1, @table);
}

# What a request of that load costs the shim or the backends: instructions, calls, switches or processor.
sub cost
{
	my ($self, $load, $who, $what, $value) = @_;
	$self->{costs}{$load}{$who}{$what} = $value;
}

# The costs in Markdown; empty where none were counted.
sub cost_table
{
	my ($self) = @_;
	return '' unless $self->{costs};
	my @table = (['a request of', 'who', 'instructions', 'system calls', 'context switches', 'processor us']);
	for my $load (grep { $self->{costs}{$_} } qw(auth introspect client_credentials refresh exchange))
	{
		for my $who (qw(shim backend))
		{
			my %cost = %{ $self->{costs}{$load}{$who} };
			push @table, [ $load, $who, _cell('%.0f', $cost{instructions}), map { _cell('%.2f', $_) } @cost{qw(calls switches processor)} ];
		}
	}
	return join '', "What a request costs, 64 connections. $self->{how_counted}\n\n", _markdown(2, @table);
}

# A figure with its goal, and whether that is reached.  One whose loads had wrong answers says nothing.
sub _figure
{
	my ($self, $name, $goal, $is_upper, $value_of) = @_;
	local $self->{used} = {};
	my $value = $value_of->($self) // return [ $name, '', '', 'not measured' ];
	my $is_reached = $is_upper ? $value <= $goal : $value >= $goal;
	my $word = (grep { $self->_wrong($_) } keys %{ $self->{used} }) ? 'wrong answers' : $is_reached ? 'reached' : 'short';
	return [ $name, sprintf('%.*f', $goal >= 100 ? 0 : 2, $value), ($is_upper ? 'at most ' : '') . $goal, $word ];
}

# The figures in Markdown.
sub figures
{
	my ($self) = @_;
	my @table = ([ 'figure', 'value', 'goal', 'which is' ], map { $self->_figure(@$_) } @figures);
	my @lines = map { sprintf "| %-30s | %8s | %12s | %-13s |\n", @$_ } @table;
	splice @lines, 1, 0, sprintf "|%s|%s:|%s:|%s|\n", map { '-' x $_ } 32, 9, 13, 15;
	return join '', @lines;
}

# Columns for gnuplot: what, then a value for each number of connections, which the first line names.
sub plot_data
{
	my ($self, $kind, $connections, @names) = @_;
	my %label = map { @$_ } @rows;
	my @lines = join "\t", 'what', @$connections;
	for my $name (grep { $self->{runs}{$_} } @names)
	{
		push @lines, join "\t", "\"$label{$name}\"", map { $self->median($name, $_, $kind) } @$connections;
	}
	return @lines;
}

1;
