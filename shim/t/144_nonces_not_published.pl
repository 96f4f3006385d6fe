#!/usr/bin/perl
# 144_nonces_not_published.pl: a request that comes twice does not stop a subscriber of all tables, who is not told of nonces: neither of
# one that is new nor of one that goes again.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use Test::More;
use lib $FindBin::Bin;
use ShimTest;
use SignedRequest qw(authorization);

my $t = ShimTest->new(extension => 1, conf => "wal_level = logical\nmax_wal_senders = 4\nmax_replication_slots = 4\n");
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init;
$subscriber->start;
$subscriber->safe_psql('postgres', 'CREATE EXTENSION oauth CASCADE; CREATE TABLE public.mark (n integer PRIMARY KEY)');
$t->sql(<<'SQL');
CREATE TABLE public.mark (n integer PRIMARY KEY);
CREATE PUBLICATION everything FOR ALL TABLES;
SQL
my $at = time;
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('signer', grant_types => '{oauth1_two_legged}')});
$subscriber->safe_psql('postgres', sprintf q{CREATE SUBSCRIPTION s CONNECTION $$%s$$ PUBLICATION everything WITH (copy_data = false)},
	$t->node->connstr('postgres'));

# each in a session of its own, so that none has seen a request come twice: it writes before it looks
sub ask
{
	my ($nonce) = @_;
	my $header = authorization(client_id => $id, client_secret => $secret, method => 'GET', uri => 'http://h.example/auth', timestamp => $at, nonce => $nonce);
	return $t->sql(sprintf q{SELECT string_agg(status::text, ' ') FROM oauth.forward_auth_batch(ARRAY[ROW('GET', '/auth',
		ARRAY['Host: h.example', 'Authorization: %s'], '', 'http', '127.0.0.1')::oauth.http_request])}, $header);
}
is(ask('first'), 200, 'a signed request is served');
is(ask('first'), 401, 'and not again');
is(ask('second'), 200, 'another one is');
$t->sql('INSERT INTO public.mark VALUES (1)');
$t->node->wait_for_catchup('s');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM public.mark'), 1, 'what was written afterwards has arrived');
is($t->sql(nonces()), 2, 'two nonces are stored');
is($subscriber->safe_psql('postgres', nonces()), 0, 'and the subscriber was not told of them');
unlike(PostgreSQL::Test::Utils::slurp_file($subscriber->logfile), qr/ERROR/, 'nor did it fail');

# One that has copied them loses none when the request comes again.
$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION s; TRUNCATE public.mark');
$t->sql('CREATE PUBLICATION nonces FOR TABLE ' . join ', ', 'public.mark', map { "oauth.nonce_$_" } 0 .. 7);
$subscriber->safe_psql('postgres', sprintf q{CREATE SUBSCRIPTION s CONNECTION $$%s$$ PUBLICATION nonces}, $t->node->connstr('postgres'));
$subscriber->wait_for_subscription_sync($t->node, 's');
is($subscriber->safe_psql('postgres', nonces()), 2, 'a subscriber that copies the tables has them');
is(ask('first'), 401, 'the first request comes again');
$t->sql('INSERT INTO public.mark VALUES (2)');
$t->node->wait_for_catchup('s');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM public.mark'), 2, 'what was written afterwards has arrived');
is($subscriber->safe_psql('postgres', nonces()), 2, 'and its nonces are all there');
$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION s');

sub nonces
{
	return join ' + ', map { ($_ == 0 ? 'SELECT ' : '') . "(SELECT count(*) FROM oauth.nonce_$_)" } 0 .. 7;
}

$subscriber->stop;
done_testing();
