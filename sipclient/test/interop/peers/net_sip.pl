#!/usr/bin/perl
# A user agent of Perl's Net::SIP. It asks an URI by OPTIONS and by MESSAGE, each so many
# times, one after the other, or it answers both; a line of output for each exchange.
#
#   net_sip.pl ask TRANSPORT ADDRESS PORT URI TIMES
#   net_sip.pl answer TRANSPORT ADDRESS PORT
use strict;
use warnings;
use Net::SIP;

$| = 1;
alarm 50;

my ($role, $transport, $address, $port, $uri, $times) = @ARGV;
my $ua = Net::SIP::Simple->new(
    from => 'sip:perl@example.com',
    leg  => { proto => $transport, addr => $address, port => $port },
);
my $endpoint = $ua->{endpoint};

if ($role eq 'ask') {
    for my $method (('OPTIONS', 'MESSAGE') x $times) {
        my ($done, $told);
        my $text = $method eq 'MESSAGE' ? 'Hello from Perl.' : undef;
        $endpoint->new_request(
            $method,
            { from => $ua->{from}, to => $uri },
            sub {
                my (undef, undef, $error, $code, $response) = @_;
                my @allow = $response ? $response->get_header('allow') : ();
                $told = join ' ', $code || "failed: $error", @allow;
                $done = 1;
            },
            $text,
            $text ? ('content-type' => 'text/plain') : (accept => 'application/sdp'),
        );
        $ua->loop(10, \$done);
        print "$method ", $told || 'unanswered', "\n";
    }
} else {
    $endpoint->set_application(sub {
        my ($self, $ctx, $request, $leg, $from) = @_;
        my $response = $request->create_response(
            '200', 'Perl is fine', { allow => 'OPTIONS, MESSAGE' });
        $self->new_response($ctx, $response, $leg, $from);
        $self->close_context($ctx);
        print $request->method, ' ', ($request->as_parts)[3], "\n";
    });
    print "ready\n";
    $ua->loop;
}
