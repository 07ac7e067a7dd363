module bench_peer_go

go 1.19
