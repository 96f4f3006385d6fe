# Pages.pm
# A browser for tests that look at the pages as bytes: its cookies, and what is in a form.
#
#     remember($t->get('/login'));
#     $t->post('/login', 'token=' . encode(field($answer, 'token')), Cookie => cookies());
#
# SPDX-License-Identifier: PostgreSQL
package Pages;

use strict;
use warnings;

use Exporter 'import';
use ShimTest qw(header);

our @EXPORT_OK = qw(%cookies cookies encode field remember);
our %cookies;

# Keeps the cookies of an answer, which it returns.
sub remember
{
	my ($answer) = @_;
	for (header($answer, 'Set-Cookie'))
	{
		$cookies{$1} = $2 if /\A([^=]+)=([^;]*)/;
	}
	return $answer;
}

sub cookies { return join('; ', map { "$_=$cookies{$_}" } sort keys %cookies) }

# The value of a hidden field; undef if the page has no such field.
sub field { return $_[0]{body} =~ /name="$_[1]" value="([^"]*)"/ ? $1 =~ s/&amp;/&/gr : undef }

sub encode { return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }

1;
