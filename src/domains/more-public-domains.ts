/**
 * Providers that the lists in use lack: addresses or names at these anybody can have (D-2). Lists never end, so joining by itself takes more
 * than an address (D-5), and an operator adds what is missing by `BLOCKED_DOMAINS`.
 */

/** Providers that have their name below many suffixes, and will have it below the next. */
export const publicNames = new Set(
  'aol fastmail gmail gmx googlemail hotmail keemail mailinator posteo protonmail rediffmail runbox tutamail tutanota yahoo yandex ymail yopmail zoho zohomail'.split(
    ' '
  )
)

/** Mail for everybody. */
const mail = `
  fastest.cc fea.st f-m.fm h-mail.us imap-mail.com imap.cc imapmail.org inoutbox.com internet-e-mail.com internet-mail.org letterboxes.org
  mailingaddress.org mailservice.ms mailworks.org mm.st myfastmail.com mymacmail.com reallyfast.info sent.as sent.at speedymail.org
  ssl-mail.com swift-mail.com theinternetemail.com your-mail.com 123mail.org 150mail.com 16mail.com 2-mail.com 50mail.com elitemail.org
  emailengine.org emailplus.org eml.cc tuta.com tuta.io passmail.net passmail.com passinbox.com passfwd.com riseup.net autistici.org
  inventati.org systemli.org systemausfall.org disroot.org immerda.ch aktivix.org espiv.net nadir.org so36.net boum.org krutt.org
  mayfirst.org resist.ca sindominio.net tachanka.org airmail.cc cock.email cock.lu waifu.club aaathats3as.com firemail.cc memeware.net
  zohocloud.ca zohomailcloud.ca mail.de mail.ch mail.ua mail.bg mail.kz mail.lv mail.dk mail.vu mail.fr mail.at mail.uk mailo.com mailo.fr
  net-c.com net-c.fr net-c.be net-c.ca net-c.cat net-c.es net-c.it net-c.lu net-c.nl net-c.pl netc.eu netc.fr netc.it netc.lu netc.pl
  netcmail.com imailo.com mailoo.org startmail.com hushmail.me rbox.co rbox.me rbx.email rbx.life rbx.run mailhost.work offshore.rocks
  xobnur.uk countermail.com kolabnow.com kolabnow.ch mykolab.com mykolab.ch mykolab.co.uk mykolab.de collaborative.li switzerlandmail.ch
  barmail.ch diplomail.ch freedommail.ch groupoffice.ch journalistmail.ch legalprivilege.ch libertymail.net medmail.ch pressmail.ch
  trustmail.ch mailfence.com ctemplar.com soverin.net soverin.com purelymail.com vfemail.org manlymail.net offensivelytolerant.com
  neomailbox.net neomailbox.ch openmailbox.org elude.in danwin1210.me danwin1210.de dnmx.org morke.org paranoid.email scryptmail.com
  safe-mail.com secmail.pro onionmail.org onionmail.com onionmail.info mailum.com cyberfear.com rackmail.com inbox.eu inbox.lt inbox.ee
  vivaldi.net librem.one murena.io e.email ik.me ikmail.com etik.com skiff.com lycos.fr email.ua rediff.com outlook.bg outlook.com.es
  outlook.com.hr outlook.com.py outlook.com.ua outlook.ec outlook.lt outlook.pl outlook.ro outlook.ru outlook.si outlook.uy live.at
  live.cl live.co.za live.com.my live.com.ph live.com.pk live.com.pt live.fi live.in live.no live.ru live.se live.hu live.cz live.pt
  live.ph live.sg livemail.tw msn.cn msn.nl windowslive.es onmicrosoft.com myyahoo.com compuserve.de wmconnect.com narod.ru internet.ru
  xmail.ru rambler.ua ro.ru myrambler.ru autorambler.ru pochtamt.ru qip.ru hotbox.ru nm.ru krovatka.su smtp.ru nextmail.ru sina.com.cn
  sohu.com sogou.com 139.com 189.cn wo.cn 263.net 2980.com chinaren.com 51.com netvigator.com hkstar.com hinet.net seed.net.tw
  pchome.com.tw xuite.net url.com.tw so-net.net.tw giga.net.tw kakao.com hanafos.com dreamwiz.com lycos.co.kr empas.com empal.com
  paran.com chol.com freechal.com hitel.net unitel.co.kr hanmir.com au.com vodafone.ne.jp jp-c.ne.jp jp-d.ne.jp jp-h.ne.jp jp-k.ne.jp
  jp-n.ne.jp jp-q.ne.jp jp-r.ne.jp jp-s.ne.jp jp-t.ne.jp willcom.com pdx.ne.jp emobile.ne.jp ymobile.ne.jp y-mobile.ne.jp rakumail.jp
  uqmobile.jp biglobe.ne.jp mesh.ne.jp nifty.com nifty.ne.jp ocn.ne.jp plala.or.jp so-net.ne.jp dion.ne.jp odn.ne.jp asahi-net.or.jp
  jcom.zaq.ne.jp hi-ho.ne.jp infoweb.ne.jp wakwak.com dti.ne.jp goo.jp goo.ne.jp livedoor.com excite.jp eonet.ne.jp tiki.ne.jp commufa.jp
  kcn.jp outlook.co.jp sannet.ne.jp nttpc.ne.jp bekkoame.ne.jp rurbannet.ne.jp
`

/** Providers of access to the Internet, and what their customers have had as addresses, by country. */
const access = `
  magenta.de vodafone.de vodafonemail.de unitymedia.de unitybox.de kabelbw.de o2mail.de o2online.de alice.de alice-dsl.net alice-dsl.de
  hansenet.de versatel.de netcologne.de mnet-online.de mnet-mail.de ewetel.net ewe.net ewe-mail.de osnanet.de htp-tel.de smart-mail.de
  directbox.com directbox.de firemail.de firemail.at firemail.eu emailn.de surfeu.de tiscali.de nexgo.de genion.de eplus.de e-plus.de
  talkline.de primacom.net tele2.de teleos-web.de kabelmail.net swbmail.de nordcom.net wtnet.de wobline.de dokom.net dokom21.de
  heagmedianet.de bitel.net citykom.net gelsennet.de helinet.de komtel.net augustakom.net addcom.de luckymail.de wolke7.net snafu.de
  mein.gmx muenchen.de koeln.de justmail.de ist-einmalig.de vollbio.de gmx.topmail.de unity-mail.de chello.at aon.at a1.net a1net.at
  inode.at inode.cc utanet.at kabsi.at liwest.at sbg.at tele2.at upcmail.at drei.at telering.at magenta.at vol.at tirol.com ktvam.at
  salzburg.co.at salzburg-online.at cnh.at nextra.at eunet.at wavenet.at wvnet.at lion.cc salzburg.at surfeu.at teleweb.at edumail.at
  netway.at austro.net sunrise.ch swissonline.ch hispeed.ch quickline.ch quicknet.ch freesurf.ch solnet.ch sunrise.net upcmail.ch
  gawnet.ch greenmail.ch green.ch tele2.ch vtxmail.ch vtxnet.ch netplus.ch citycable.ch datacomm.ch mysunrise.ch ggaweb.ch ebnet.ch
  besonet.ch cybernet.ch econophone.ch pop.agri.ch shinternet.ch swissmail.org tbwil.ch romandie.com urbanet.ch worldcom.ch thurweb.ch
  leunet.ch yetnet.ch kfn-ag.ch cegetel.net numericable.fr numericable.com noos.fr bbox.fr alice.fr libertysurf.fr tiscali.fr tele2.fr
  9online.fr 9business.fr nordnet.fr infonie.fr freesbee.fr online.fr worldonline.fr evhr.net modulonet.fr estvideo.fr vialis.net
  dartybox.com akeonet.com ozone.net wibox.fr sosh.fr zaclys.net zaclys.com toile-libre.org no-log.org lavache.com ouvaton.org caramail.fr
  mageos.com multimania.com ifrance.com lilo.org canl.nc mls.nc lagoon.nc only.fr wanadoo.nc mediaserv.net izi.re runtel.fr ziggo.nl
  xs4all.nl kpnplanet.nl upcmail.nl casema.nl quicknet.nl zeelandnet.nl tele2.nl telfort.nl telfortglasvezel.nl online.nl solcon.nl
  caiway.nl caiway.net kabelfoon.nl kabelfoon.net wxs.nl versatel.nl euronet.nl filternet.nl tiscali.nl 12move.nl hccnet.nl introweb.nl
  onsbrabantnet.nl onsneteindhoven.nl onsnetnuenen.nl multiweb.nl multikabel.nl edutel.nl glasoperator.nl vodafonethuis.nl vodafonevast.nl
  t-mobilethuis.nl dds.nl knid.nl luna.nl worldonline.nl scarlet.nl speedlinq.nl stipte.nl trined.nl alice.nl cambrium.nl lijbrandt.nl
  kliksafe.nl kliksafe.eu orange.nl wanadoo.nl freedomnet.nl mailbox.nl tweak.nl iae.nl bart.nl inter.nl.net proximus.be belgacom.net
  scarlet.be brutele.be mobistar.be orange.be edpnet.be pandora.be versateladsl.be planetinternet.be euronet.be teledisnet.be
  village.uunet.be numericable.be coditel.net dommel.be dommel.com pt.lu internet.lu vo.lu tango.lu orangehome.co.uk plus.com plus.net
  plusnet.com force9.co.uk madasafish.com demon.co.uk zen.co.uk zoom.co.uk supanet.com pipex.com lineone.net onetel.com onetel.net
  toucansurf.com tesco.net waitrose.com ukonline.co.uk utvinternet.com uwclub.net which.net cwcom.net breathemail.net cix.co.uk
  clara.co.uk clara.net globalnet.co.uk karoo.co.uk karoo.net tinyworld.co.uk totalise.co.uk vodafone.net vodafoneemail.co.uk
  phonecoop.coop btcentralplus.com greenbee.net f2s.com f9.co.uk eclipse.co.uk manx.net cwgsy.net gtonline.net jerseymail.co.uk
  guernsey.net guernseymail.com eir.ie iol.ie indigo.ie vodafone.ie virginmedia.ie o2.ie clubi.ie imagine.ie digiweb.ie esatclear.ie
  tim.it tiscalinet.it giallo.it fastwebnet.it vodafone.it wind.it infostrada.it tele2.it pec.it legalmail.it postecert.it posta.it
  kataweb.it aliceposta.it cheapnet.it mclink.it panservice.it cittadinopec.it gigapec.it arubapec.it mypec.eu sicurezzapostale.it
  lamiapec.it registerpec.it omnitel.it micso.net clarence.com telefonica.net movistar.es ono.com onolab.com vodafone.es orange.es ya.com
  jazztel.es jazzfree.com euskaltel.net euskalnet.net mundo-r.com telecable.es yacom.es eresmas.net retemail.es arrakis.es ctv.es
  airtel.net amena.com able.es menta.net wol.es tiscali.es ozu.es canal21.com adamo.es andorra.ad clix.pt netcabo.pt netvisao.pt nos.pt
  meo.pt zonmail.pt iol.pt kanguru.pt vodafone.pt telepac.pt net.novis.pt optimus.pt cabovisao.pt nowo.pt telia.com bredband.net
  bredband2.com comhem.se tele2.se glocalnet.net bahnhof.se ownit.se telenordia.se swipnet.se algonet.se passagen.se brevet.nu bostream.nu
  riksnet.se riksnet.nu ljusnet.se tyfonmail.se halebop.se utfors.se crossnet.se netatonce.net alltele.com alltele.se online.no
  broadpark.no frisurf.no getmail.no lyse.net altibox.no start.no sensewave.com tele2.no chello.no nextgentel.com bluezone.no ebnett.no
  haugnett.no tafjordmail.no loqal.no neasonline.no enivest.net eidsiva.net monsternett.no dabb.no tdcadsl.dk tdcspace.dk mail.tele.dk
  get2net.dk post.tele.dk stofanet.dk youmail.dk youseepost.dk webspeed.dk cybercity.dk jubii.dk ofir.dk fibermail.dk waoomail.dk
  dlgtele.dk profibermail.dk energimail.dk turbomail.dk email.dk tiscali.dk worldonline.dk wanadoo.dk oncable.dk mobilixnet.dk adslhome.dk
  galnet.dk bbsyd.dk fasttvnet.dk nal-net.dk kolumbus.fi elisanet.fi saunalahti.fi suomi24.fi netti.fi sonera.fi inet.fi welho.com
  dnainternet.net dnainternet.fi nic.fi phnet.fi surffi.net mbnet.fi wippies.fi kotikone.fi nettilinja.fi netikka.fi anvianet.fi
  kaisanet.fi kymp.net simnet.is vortex.is internet.is hringdu.is centrum.is islandia.is mi.is heimsnet.is olivant.fo kallnet.fo
  greennet.gl onet.eu op.pl vp.pl interia.eu interia.com tlen.pl go2.pl buziaczek.pl spoko.pl autograf.pl amorki.pl poczta.pl neostrada.pl
  neoemail.pl orange.pl plusnet.pl upcpoczta.pl aster.pl chello.pl toya.net.pl multimo.pl netia.pl inea.pl intmail.pl adres.pl opoczta.pl
  pacz.to prokonto.pl epf.pl ceti.pl int.pl wp.eu gery.pl konto.pl atlas.cz volny.cz quick.cz tiscali.cz o2active.cz iol.cz upcmail.cz
  vodafonemail.cz klikni.cz mybox.cz worldonline.cz cbox.cz spoluzaci.cz razdva.cz unet.cz azet.sk zoznam.sk orangemail.sk t-zones.sk
  stonline.sk chello.sk upcmail.sk atlas.sk mail.telekom.sk mail.t-com.sk slovanet.sk szm.sk szm.com citromail.hu t-email.hu invitel.hu
  upcmail.hu chello.hu vipmail.hu indamail.hu digikabel.hu tvn.hu externet.hu vnet.hu axelero.hu matavnet.hu mail.datanet.hu fibermail.hu
  emitelnet.hu enternet.hu pr.hu hdsnet.hu monornet.hu tolna.net siol.net amis.net t-2.net telemach.net volja.net arnes.si triera.net
  moj.net s5.net kabelnet.net t-com.hr inet.hr net.hr vip.hr h-1.hr optinet.hr globalnet.hr iskon.hr htnet.hr hi.ht.hr vodatel.hr xnet.hr
  bih.net.ba bol.ba tel.net.ba teol.net blic.net spinter.net eunet.rs eunet.yu sbb.rs verat.net ptt.rs open.telekom.rs mts.rs neobee.net
  beotel.net beotel.rs yubc.net sezampro.rs ikomline.net stcable.net t-com.me mt.net.mk t-home.mk t.mk unet.com.mk on.net.mk abcom.al
  albmail.com dir.bg gbg.bg gyuvetch.bg bitex.bg spnet.net vivacom.bg rdslink.ro rdsmail.ro k.ro clicknet.ro upcmail.ro xnet.ro
  zappmobile.ro astral.ro as.ro fx.ro romtelecom.net post.ro moldova.md mldnet.com otenet.gr hol.gr in.gr vivodinet.gr tellas.gr
  cosmotemail.gr wind.gr vodafone.gr pathfinder.gr acn.gr hellasnet.gr cytanet.com.cy spidernet.com.cy primehome.com cablenet.com.cy
  logos.cy.net logosnet.cy.net onvol.net maltanet.net global.net.mt go.net.mt waldonet.net.mt vol.net.mt keyworld.net gibtelecom.net
  meta.ua bigmir.net online.ua ua.fm 3g.ua e-mail.ua ex.ua gala.net i.kiev.ua list.ua mksat.net optima.com.ua tut.by open.by tut.ua
  ukrpost.ua ukrpost.net volia.com voliacable.com delfi.lt takas.lt one.lt zebra.lt mail.lt balticum-tv.lt penki.lt pastas.lt delfi.lv
  tvnet.lv one.lv latnet.lv neti.ee online.ee zone.ee delfi.ee starman.ee elion.ee suhtlus.ee rate.ee ttnet.net.tr ttmail.com mynet.com
  superonline.com turk.net e-kolay.net ekolay.net tnn.net kablonet.com.tr uyelik.net mynet.com.tr ixir.com yaani.com bezeqint.net
  012.net.il 013.net 013.net.il 014.net.il barak.net.il smile.net.il actcom.co.il inter.net.il internet-zahav.net internet-zahav.net.il
  015.net.il 017.net.il 018.net.il hotnet.net.il nana.co.il nana10.co.il okmail.co.il isdn.net.il emirates.net.ae eim.ae saudi.net.sa
  awalnet.net.sa nesma.net.sa batelco.com.bh qatar.net.qa omantel.net.om qualitynet.net kems.net zajil.net cyberia.net.lb inco.com.lb
  idm.net.lb terra.net.lb sodetel.net.lb dm.net.lb go.com.jo wanadoo.jo nets.com.jo link.net linkdotnet.com tedata.net.eg menanet.net
  mail.sy scs-net.org palnet.com hally.net p-i-s.com chmail.ir iran.ir menara.ma iam.net.ma wanadoopro.ma planet.tn topnet.tn gnet.tn
  hexabyte.tn laposte.tn tunet.tn djaweb.dz sonatel.sn orange.sn sentoo.sn arc.sn aviso.ci afnet.net globeaccess.net camnet.cm
  africaonline.co.ke africaonline.co.ci africaonline.com.gh wananchi.com swiftkenya.com nbnet.co.ke kenyaweb.com todays.co.ke form-net.com
  ghana.com 4u.com.gh idngh.com hyperia.com skannet.com zamnet.zm zamtel.zm coppernet.zm mweb.co.zw zol.co.zw africaonline.co.zw
  ecoweb.co.zw telone.co.zw yoafrica.com iway.na mweb.com.na africaonline.com.na botsnet.bw info.bw mega.bw orange.mg moov.mg wanadoo.mg
  intnet.mu orange.mu myt.mu telecomplus.net mweb.co.za vodamail.co.za telkomsa.net absamail.co.za iafrica.com lantic.net global.co.za
  worldonline.co.za icon.co.za intekom.co.za polka.co.za netactive.co.za xsinet.co.za webafrica.org.za mtnloaded.co.za isat.co.za
  yebo.co.za cybersmart.co.za imaginet.co.za afrihost.co.za discoverymail.co.za tiscali.co.za bsnl.in bsnl.co.in mtnl.net.in sancharnet.in
  vsnl.com vsnl.net vsnl.net.in dataone.in airtelmail.in airtelmail.com airtelbroadband.in in.com hathway.com asianetindia.com
  asianetonline.net eth.net satyam.net.in zapak.com bol.net.in indiamail.com cyber.net.pk brain.net.pk wol.net.pk super.net.pk
  nexlinx.net.pk ptcl.net comsats.net.pk bdcom.com citechco.net bol-online.com bttb.net.bd bangla.net dhaka.net agni.com aitlbd.net
  sltnet.lk eureka.lk pan.lk dynanet.lk mail.com.np wlink.com.np ntc.net.np enet.com.np htp.com.np info.com.np vianet.com.np druknet.bt
  dhivehinet.net.mv pacific.net.sg starhub.net.sg magix.com.sg cyberway.com.sg tm.net.my streamyx.com jaring.my unifi.my time.net.my
  maxis.net.my indo.net.id cbn.net.id centrin.net.id indosat.net.id rad.net.id dnet.net.id indosatm2.com pldtdsl.net pldtvibe.net
  globelines.com.ph skybroadband.com.ph skyinet.net smartbro.net tri-isys.com info.com.ph philonline.com i-next.net mozcom.com
  pacific.net.ph loxinfo.co.th ksc.th.com cscoms.com csloxinfo.com truemail.co.th chaiyo.com asianet.co.th ji-net.com samarts.com
  inet.co.th fpt.vn saigonnet.vn netnam.vn vietel.com.vn online.com.kh camnet.com.kh camintel.com laotel.com laopdr.com etllao.com
  mptmail.net.mm myanmar.com.mm brunet.bn macau.ctm.net magicnet.mn mongol.net optushome.com.au adam.com.au tpgi.com.au aapt.net.au
  aussiebroadband.com.au exetel.com.au spin.net.au virginbroadband.com.au arach.net.au wn.com.au amnet.net.au bluep.com chariot.net.au
  primus.com.au grapevine.com.au homemail.com.au hotkey.net.au smartchat.net.au people.net.au pacific.net.au froggy.com.au ozonline.com.au
  tassie.net.au trump.net.au ncable.net.au skymesh.com.au activ8.net.au senet.com.au eftel.com eftel.net.au q-net.net.au iig.com.au
  aanet.com.au vtown.com.au lizzy.com.au mysoul.com.au ozzienet.net slingshot.co.nz vodafone.co.nz vodafone.net.nz orcon.net.nz
  paradise.net.nz clear.net.nz ihug.co.nz actrix.co.nz actrix.gen.nz inspire.net.nz snap.net.nz maxnet.co.nz woosh.co.nz kinect.co.nz
  callplus.net.nz es.co.nz wave.co.nz infogen.net.nz ts.co.nz pl.net quicksilver.net.nz worldnet.co.nz farmside.co.nz netaccess.co.nz
  connect.com.fj is.com.fj samoa.ws lesamoa.net online.net.pg daltron.com.pg datec.net.pg global.net.pg solomon.com.sb vanuatu.com.vu
  guam.net ite.net teleguam.net netpci.com pticom.com itecnmi.com xfinity.com flash.net nvbell.net wans.net currently.com gte.net
  spectrum.net brighthouse.com bhn.net suddenlink.net sparklight.net valornet.com mediacombb.net grandecom.net wavecable.com astound.net
  exede.net consolidated.net fairpoint.net myfairpoint.net gwi.net metrocast.net breezeline.net zoomtown.com sonic.net speakeasy.net
  pacifier.com teleport.com spiritone.com easystreet.net aracnet.com drizzle.com isomedia.com nwlink.com blarg.net whidbey.com olypen.com
  knology.net insightbb.com cablespeed.com isp.com localnet.com toast.net nctc.com acsalaska.net mtaonline.net ak.net alaska.net lava.net
  maui.net aloha.net panix.com well.com bway.net inch.com echonyc.com theworld.com shore.net tiac.net nii.net vgernet.net crocker.com
  javanet.com the-spa.com sover.net together.net gmavt.net vtlink.net madriver.com pshift.com megalink.net midcoast.com tdstelme.net
  roadrunner.net prexar.com psouth.net hargray.com islc.net comporium.net infoave.net surry.net skybest.com wilkes.net yadtel.net
  chartertn.net epbfi.com volstate.net twlakes.net blomand.net benlomand.net gate.net iw.net midco.net dakotacom.net gwtc.net nvc.net
  rapidnet.com vcn.com blackfoot.net cybernet1.com midrivers.com nemont.net itstriangle.com bendbroadband.com bendcable.com clearwire.net
  clear.net wbhsi.net nwi.net iowatelecom.net mahaska.org netexpress.net arvig.net paulbunyan.net hickorytech.net usfamily.net visi.com
  goldengate.net isd.net skypoint.com chorus.net execpc.com voyager.net videotron.qc.ca cogeco.net eastlink.ca mts.net mymts.net
  sasktel.net bellaliant.net nbnet.nb.ca teksavvy.com distributel.net primus.ca xplornet.com xplornet.ca execulink.com ebtech.net kos.net
  kingston.net tbaytel.net ontera.net vianet.ca vianet.on.ca sogetel.net oricom.ca globetrotter.net cgocable.net cgocable.ca b2b2c.ca
  ccapcable.com cooptel.qc.ca citywest.ca nucleus.com novus-tele.net lightspeed.ca uniserve.com dowco.com axion.net northwestel.net
  yknet.ca polarnet.ca netkaster.ca nunanet.com qiniq.com ssimicro.com interlog.com pathcom.com istar.ca ncf.ca cyberus.ca travel-net.com
  accesscomm.ca ciaccess.com wightman.ca hurontel.on.ca tnt21.com bmts.com nexicom.net start.ca sentex.net rgo.on.ca mnsi.net jet2.net
  telmex.com infinitum.com.mx terra.com.mx avantel.net axtel.net megared.net.mx cablevision.net.mx une.net.co etb.net.co epm.net.co
  telmex.net.co cable.net.co emcali.net.co metrotel.net.co andinet.com terra.com.co cantv.net movistar.net.ve telcel.net.ve
  supercable.net.ve inter.net.ve etheron.net ciudad.com.ar sinectis.com.ar uolsinectis.com.ar velocom.com.ar telecentro.com.ar
  datafull.com advancedsl.com.ar iplanmail.com.ar gigared.com adinet.com.uy vera.com.uy netgate.com.uy chasque.net vtr.net entelchile.net
  manquehue.net mi.cl tie.cl 123.cl terra.com.pe speedy.com.pe infonegocio.net.pe telefonica.net.pe ec-red.com andinanet.net
  interactive.net.ec satnet.net punto.net.ec cotas.com.bo entelnet.bo supernet.com.bo mail.zuper.net rieder.net.py pla.net.py
  telesurf.com.py click.com.py racsa.co.cr amnet.co.cr costarricense.cr intelnet.net.gt guate.net.gt itelgua.com integra.com.sv
  navegante.com.sv telesal.net saltel.net amnet.com.sv amnettv.com hondutel.hn cablecolor.hn ibw.com.ni cablenet.com.ni turbonett.com.ni
  cwpanama.net cableonda.net sinfo.net psi.net.pa orbi.net codetel.net.do claro.net.do tricom.net centennialpr.net coqui.net prtc.net
  libertypr.net caribsurf.com cwjamaica.com jamweb.net infochan.com n5.com.jm kasnet.com tstt.net.tt carib-link.net wow.net candw.ky
  candw.ag candw.lc candw.ms candw.vc spiceisle.com sunbeach.net batelnet.bs coralwave.com ibl.bm northrock.bm logic.bm setarnet.aw
  interneeds.net curinfo.an onenet.an caribserve.net guyana.net.gy networksgy.com solutions2000.net sr.net btl.net nauta.cu enet.cu
  ibest.com.br superig.com.br pop.com.br click21.com.br onda.com.br brturbo.com.br brturbo.com veloxmail.com.br netsite.com.br uai.com.br
  via-rs.net tpa.com.br sercomtel.com.br ajato.com.br vivax.com.br pib.com.br ieg.com.br zaz.com.br mandic.com.br br.inter.net
`

/** What forwards to somebody who stays unknown, and answers that programs collect. */
const relays = `
  duck.com mozmail.com relay.firefox.com simplelogin.com simplelogin.co simplelogin.fr aleeas.com slmail.me slmails.com slmail.co
  dralias.com silomails.com 8alias.com 8shield.net anonaddy.com anonaddy.me 4wrd.cc mailer.me addymail.com anonymousmail.me erine.email
  forwardemail.net hideaddress.net burnermail.io maskedmail.net cloaked.id mailhide.io fwd2m.com startmail.me users.noreply.github.com
  reply.github.com noreply.users.gitlab.com users.noreply.gitlab.com craigslist.org marketplace.amazon.com marketplace.amazon.co.uk
  marketplace.amazon.de members.ebay.com guest.booking.com reply.airbnb.com withheldforprivacy.com whoisprotectservice.net
  contactprivacy.com privacyguardian.org domainsbyproxy.com domainprivacygroup.com proxy.dreamhost.com o-w-o.info privacyprotect.org
  identity-protect.org
`

/** Given to members and alumni for life. */
const forLife = `
  alumni.harvard.edu alumni.stanford.edu alum.mit.edu post.harvard.edu alumni.princeton.edu aya.yale.edu alumni.yale.edu caa.columbia.edu
  alumni.upenn.edu alumni.brown.edu alumni.duke.edu alumni.cmu.edu alumni.caltech.edu alumni.uchicago.edu alumni.northwestern.edu
  u.northwestern.edu alumni.ucla.edu alumni.usc.edu alumni.nd.edu alumni.virginia.edu alumni.unc.edu alumni.utexas.net alumni.utexas.edu
  alum.wpi.edu alumni.rice.edu alumni.vanderbilt.edu alumni.emory.edu alumni.gwu.edu alumni.nyu.edu alumni.iu.edu alumni.purdue.edu
  umalumni.com alumni.psu.edu alumni.rutgers.edu alumni.tufts.edu alumni.bu.edu alumni.williams.edu alumni.amherst.edu alumnae.smith.edu
  alumni.lehigh.edu alumni.jh.edu alumni.jhu.edu alumni.wfu.edu alumni.ncsu.edu alumni.gatech.edu alumni.tamu.edu aggienetwork.com
  alumni.ubc.ca alumni.utoronto.ca alumni.uwaterloo.ca mail.mcgill.ca alumni.mcgill.ca alumni.sfu.ca cantab.net oxon.org alumni.ox.ac.uk
  alumni.cam.ac.uk alumni.lse.ac.uk alumni.imperial.ac.uk alumni.ucl.ac.uk alumni.kcl.ac.uk alumni.warwick.ac.uk alumni.manchester.ac.uk
  dunelm.org.uk alumni.ethz.ch alumni.epfl.ch alumni.unisg.ch alumni.uzh.ch alumni.tum.de alumni.tu-berlin.de alumni.rwth-aachen.de
  alumni.fu-berlin.de alumni.lmu.de alumni.uni-heidelberg.de alumni.uni-hamburg.de polytechnique.org m4x.org melix.net melix.org
  centraliens.net mines-paris.org ponts.org alumni.hec.edu alumni.insead.edu alumni.kuleuven.be alumni.ugent.be alumni.tudelft.nl
  alumni.ku.dk alumni.dtu.dk alumni.kth.se alumni.chalmers.se alumni.polimi.it alumni.bocconi.it alumni.esade.edu alumni.iese.edu
  alumni.ie.edu u.nus.edu alumni.ntu.edu.sg alumni.hku.hk alumni.cuhk.net alumni.ust.hk alumni.iitb.ac.in alumni.iitd.ac.in
  alumni.iitm.ac.in alumni.iitk.ac.in alumni.unimelb.edu.au alumni.sydney.edu.au alumni.anu.edu.au uqconnect.net alumni.uct.ac.za
  alumni.tsinghua.edu.cn mails.tsinghua.edu.cn ieee.org acm.org computer.org comsoc.org mensa.org mensa.de mensa.at member.ams.org
  member.fsf.org bcs.org.uk theiet.org physics.org vdi.de vde-online.de linux.com sourceforge.net arrl.net qsl.net amsat.org
`

/** Lists and groups: whoever may open one has an address. */
const groups = `
  googlegroups.com groups.io yahoogroups.com yahoogroups.de yahoogroups.co.uk yahoogroups.fr freelists.org simplelists.com topica.com
  egroups.com egroups.de onelist.com listbot.com freegroups.net gaggle.email mailman3.com groupspaces.com framalistes.org framagroupes.org
  groupes.renater.fr domeus.de domeus.com jiscmail.ac.uk listserv.dfn.de dgroups.org discoursemail.com fwd.email onlinegroups.net
  boards.trello.com m.evernote.com todoist.net
`

export const morePublicDomains: readonly string[] = [mail, access, relays, forLife, groups].flatMap((names) => names.trim().split(/\s+/))
