module highwater/interop/contract

go 1.24
