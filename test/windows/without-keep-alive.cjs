// Wine 8 cannot connect a socket that keep-alive was set on before. Loaded into every Node there.
process.binding('tcp_wrap').TCP.prototype.setKeepAlive = () => 0
