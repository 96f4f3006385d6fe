#!/usr/bin/perl
# 081_mod_oauth2.pl
# docs/apache-mod-oauth2.md with Debian's Apache and its mod_oauth2, which asks the provider about tokens.
# R139, R140, R141, R143, R147, R160.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ApacheTest;
use Test::More;

my $apache = ApacheTest->new('mod_oauth2', guide => 'apache-mod-oauth2.md', tests => 45);
$apache->start(qr{https://auth\.example\.org/} => 'http://127.0.0.1:' . $apache->{t}->port . '/');
my ($read, $write) = map { $apache->token($_) } 'read', 'read write';
my $own = $apache->{t}->sql("SELECT access_token FROM oauth_issue_token('$apache->{client}', scope => 'read')");

$apache->check_files($read, $write, qr/error="insufficient_scope"/);
$apache->check_application($read, $own, 'OAUTH2_CLAIM_sub', 'OAUTH2-CLAIM-sub');
$apache->finish($read);
done_testing();
