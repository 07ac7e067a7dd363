module bench_peer_go_http

go 1.19
