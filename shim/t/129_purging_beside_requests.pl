# 129_purging_beside_requests.pl
# The shim removes what has expired a batch at a time, with a rest after each, so that requests have the processor meanwhile,
# and goes on to look whether the database is well.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use List::Util qw(min);
use ShimTest qw(slurp wait_for);
use Test::More;

my $t = ShimTest->new(extension => 1, conf => "log_statement = all\nlog_line_prefix = '%n '");
my $expired = 300;
my $batch = 50;
my ($client) = $t->sql("SELECT client_id FROM oauth_register_client(client_name => 'Service', grant_types => '{client_credentials}')");
$t->sql("SELECT (oauth_issue_token('$client')).expires_in FROM generate_series(1, $expired); ALTER DATABASE postgres SET oauth.purge_batch = $batch");
my $token = $t->sql("SELECT access_token FROM oauth_issue_token('$client')");
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '2 hours' WHERE token_hash <> sha256('$token'::bytea)");

sub left { return $t->sql("SELECT count(*) FROM oauth.access_token WHERE expires_at < now() - interval '1 hour'") }

# When each of these statements began, in seconds.
sub began_at { my ($statement) = @_; return slurp($t->node->logfile) =~ /^([\d.]+) LOG:  execute \S+: \Q$statement\E/mg }

$t->start('--purge-interval=1');
ok(wait_for(sub { left() == 0 }), 'the shim removes what has expired');
is($t->get('/auth', Authorization => "Bearer $token")->{status}, 200, 'and not what lives');

my @purges = began_at('SELECT oauth.purge()');
cmp_ok(scalar @purges, '>=', $expired / $batch, 'batch after batch');
my @rests = map { $purges[ $_ + 1 ] - $purges[$_] } 0 .. $expired / $batch - 2;
cmp_ok(min(@rests), '>', 0.25, 'with a rest after each');

my @looks = grep { $_ > $purges[0] && $_ < $purges[ $expired / $batch - 1 ] } began_at('SELECT oauth.ready()');
cmp_ok(scalar @looks, '>=', $expired / $batch - 2, 'and looks between them whether the database is well');

is($t->stop, 0, 'the shim ends with status 0');
$t->finish;
done_testing();
